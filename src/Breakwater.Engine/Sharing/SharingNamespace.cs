using System.Security.Cryptography;
using Breakwater.Engine.Storage;

namespace Breakwater.Engine.Sharing;

/// <summary>The secret namespace of everything told to others: identifiers made in it are the same each time, and nobody can try out which address is behind one.</summary>
internal static class SharingNamespace
{
    /// <summary>Reads the file, or makes it with a random namespace. Whoever moves an installation takes it along, or can no longer take back what was told.</summary>
    /// <exception cref="StoreException">The file cannot be used.</exception>
    public static Guid Load(string file)
    {
        try
        {
            if (File.Exists(file))
                return Guid.TryParse(File.ReadAllText(file).Trim(), out var known) ? known : throw new StoreException($"{file} does not hold a UUID. Restore it from a backup, or remove it: then what was told can no longer be taken back");
            var made = new Guid(RandomNumberGenerator.GetBytes(16));
            using var stream = new FileStream(file, Restricted());
            stream.Write(System.Text.Encoding.ASCII.GetBytes($"{made}\n"));
            return made;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"{file}: {problem.Message}", problem);
        }
    }

    private static FileStreamOptions Restricted()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
