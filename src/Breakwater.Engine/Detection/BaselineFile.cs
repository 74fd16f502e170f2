using Breakwater.Core.Detection;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Detection;

/// <summary>Keeps what is usual over a restart. A file that is missing or damaged costs the learning time again, nothing else.</summary>
/// <param name="path">Written anew each time, beside it first, then moved over it.</param>
public sealed class BaselineFile(string path, ILogger logger)
{
    /// <summary>More than 250 host groups need; a larger file is not ours.</summary>
    private const long MaxLength = 128 << 20;

    public void Load(GroupBaselines baselines)
    {
        try
        {
            if (File.Exists(path) && new FileInfo(path).Length <= MaxLength) baselines.Load(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.BaselinesNotRead(path, failure.Message);
        }
    }

    public void Save(byte[] baselines)
    {
        try
        {
            var fresh = path + ".new";
            File.WriteAllBytes(fresh, baselines);
            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.BaselinesNotSaved(path, failure.Message);
        }
    }
}
