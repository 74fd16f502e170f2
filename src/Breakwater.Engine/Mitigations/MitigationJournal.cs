using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Json;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations;

/// <summary>What we are about to do, on disk before it is done: one JSON object a line, the newest line of an identifier counts. One thread.</summary>
/// <remarks>
/// A line that a crash cut short is the last, and is left out. Independent of the database, so that neither its absence nor its
/// damage keeps the next start from taking up, or back, what is in force.
/// </remarks>
internal sealed class MitigationJournal(string path, ILogger logger) : IDisposable
{
    /// <summary>Written anew, with only what still matters, once it is longer than this.</summary>
    private const long CompactAt = 32 << 20;

    private const int MaxLine = 1 << 20;

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Dictionary<string, Mitigation> _live = [];
    private FileStream? _file;
    private string? _pausedBy;

    /// <summary>False since the last write failed: what is done now would not survive a crash in the journal.</summary>
    public bool Works { get; private set; } = true;

    /// <summary>Reads what a former run left, and writes it anew without what is over.</summary>
    /// <returns>Mitigations not over, and who paused; null when nobody did.</returns>
    public (IReadOnlyList<Mitigation> Live, string? PausedBy) Open()
    {
        try
        {
            if (File.Exists(path)) Read();
            Compact();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Failed(problem.Message);
        }
        return ([.. _live.Values], _pausedBy);
    }

    /// <summary>On disk when it returns, unless <see cref="Works"/> is false then.</summary>
    public void Append(IReadOnlyList<Mitigation> changes, string? pausedBy)
    {
        _buffer.ResetWrittenCount();
        foreach (var mitigation in changes)
        {
            Line(json => MitigationLifeJson.Write(json, mitigation));
            if (mitigation.IsOver) _live.Remove(mitigation.Id);
            else _live[mitigation.Id] = mitigation;
        }
        if (pausedBy != _pausedBy) Line(json => WritePause(json, pausedBy));
        _pausedBy = pausedBy;
        if (_buffer.WrittenCount == 0) return;
        try
        {
            if (_file is null || _file.Length > CompactAt) Compact();
            else
            {
                _file.Write(_buffer.WrittenSpan);
                _file.Flush(flushToDisk: true);
            }
            if (!Works) logger.JournalWorksAgain();
            Works = true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Failed(problem.Message);
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Read()
    {
        using var reader = new StreamReader(path);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length is 0 or > MaxLine) continue;
            try
            {
                if (line.StartsWith("{\"pausedBy\"", StringComparison.Ordinal))
                {
                    using var document = JsonDocument.Parse(line);
                    _pausedBy = document.RootElement.GetProperty("pausedBy").GetString();
                    continue;
                }
                var mitigation = MitigationLifeJson.Read(System.Text.Encoding.UTF8.GetBytes(line));
                if (mitigation.IsOver) _live.Remove(mitigation.Id);
                else _live[mitigation.Id] = mitigation;
            }
            catch (Exception problem) when (problem is FormatException or JsonException or InvalidOperationException)
            {
                logger.JournalLineDamaged(path);
            }
        }
    }

    private void Compact()
    {
        _file?.Dispose();
        _file = null;
        _buffer.ResetWrittenCount();
        foreach (var mitigation in _live.Values) Line(json => MitigationLifeJson.Write(json, mitigation));
        if (_pausedBy is { } who) Line(json => WritePause(json, who));
        var fresh = path + ".new";
        using (var file = new FileStream(fresh, Private(FileMode.Create)))
        {
            file.Write(_buffer.WrittenSpan);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
        _file = new FileStream(path, Private(FileMode.Append));
    }

    private static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private void Line(Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(_buffer)) write(json);
        _buffer.Write("\n"u8);
    }

    private static void WritePause(Utf8JsonWriter json, string? who)
    {
        json.WriteStartObject();
        json.WriteString("pausedBy", who);
        json.WriteEndObject();
    }

    private void Failed(string problem)
    {
        if (Works) logger.JournalFailed(path, problem);
        Works = false;
        _file?.Dispose();
        _file = null;
    }
}
