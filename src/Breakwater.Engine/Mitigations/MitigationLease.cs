namespace Breakwater.Engine.Mitigations;

/// <summary>The right to mitigate, held by one process per data folder: two would take back each other's announcements.</summary>
/// <remarks>A lock on a file: the system gives it up when its holder dies, however it dies.</remarks>
internal sealed class MitigationLease(string path) : IDisposable
{
    private FileStream? _file;

    public bool IsHeld => _file is not null;

    /// <returns>False when another process holds it, or the folder cannot be written.</returns>
    public bool TryTake()
    {
        if (_file is not null) return true;
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }
}
