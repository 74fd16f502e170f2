namespace Breakwater.Engine.Notification;

/// <summary>Reads a secret from where the configuration says that it is: never from the configuration itself, which people copy and mail.</summary>
internal static class SecretSource
{
    /// <param name="file">File that holds it; a line break at its end does not count. Empty for none.</param>
    /// <param name="variable">Environment variable that holds it, where there is no file. Empty for none.</param>
    /// <returns>Empty when neither is given.</returns>
    /// <exception cref="InvalidDataException">It is not there, or empty; the message says where, and not what.</exception>
    public static string Read(string file, string variable)
    {
        if (file.Length > 0)
        {
            try
            {
                return NotEmpty(File.ReadAllText(file).TrimEnd('\r', '\n'), file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"{file}: {e.Message}", e);
            }
        }
        return variable.Length == 0 ? "" : NotEmpty(Environment.GetEnvironmentVariable(variable) ?? "", $"environment variable {variable}");
    }

    private static string NotEmpty(string secret, string where) => secret.Length > 0 ? secret : throw new InvalidDataException($"{where}: is empty");
}
