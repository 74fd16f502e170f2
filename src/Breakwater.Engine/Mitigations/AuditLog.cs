using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Json;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations;

/// <summary>Who did what to which mitigation, and why: one line each, every line holding the hash of the one before. Thread-safe.</summary>
/// <remarks>
/// Changing, removing or inserting a line breaks the chain from there on. Cutting lines off the end does not: whoever needs to see
/// that keeps the last hash elsewhere (<c>breakwater audit verify</c> prints it).
/// </remarks>
public sealed class AuditLog(string path, TimeProvider time, ILogger<AuditLog> logger) : IDisposable
{
    /// <summary>What the first line holds in place of a hash before it.</summary>
    public const string Start = "0000000000000000000000000000000000000000000000000000000000000000";

    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private FileStream? _file;
    private string _previous = Start;
    private long _number;

    /// <summary>On disk when it returns, all with one wait for the disk.</summary>
    public void Write(params ReadOnlySpan<AuditEntry> entries)
    {
        if (entries.IsEmpty) return;
        lock (_gate)
        {
            try
            {
                _file ??= Open();
                _buffer.ResetWrittenCount();
                foreach (var entry in entries) Append(entry);
                _file.Write(_buffer.WrittenSpan);
                _file.Flush(flushToDisk: true);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                logger.AuditFailed(path, problem.Message);
                _file?.Dispose();
                _file = null;
            }
        }
    }

    /// <summary>Checks a whole file.</summary>
    /// <returns>Number of entries, hash of the last, and what is wrong with the first bad line; null when the chain holds.</returns>
    public static AuditVerdict Verify(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        var previous = Start;
        long number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            var problem = Check(line, number, previous);
            if (problem is not null) return new AuditVerdict(number - 1, previous, $"line {number}: {problem}");
            previous = Hash(Encoding.UTF8.GetBytes(line));
        }
        return new AuditVerdict(number, previous, null);
    }

    public void Dispose()
    {
        lock (_gate) _file?.Dispose();
    }

    private static string? Check(string line, long number, string previous)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("number").GetInt64() != number) return "its number is not the next: lines are missing, or were put in";
            return json.RootElement.GetProperty("previous").GetString() == previous ? null : "the line before it is not the one that was written";
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return "not an entry";
        }
    }

    private FileStream Open()
    {
        _previous = Start;
        _number = 0;
        if (File.Exists(path))
        {
            CutTornLine();
            if (Verify(path).Problem is { } problem) logger.AuditBroken(path, problem);
            // The chain goes on from what is there, good or not: a break stays visible where it is.
            foreach (var line in File.ReadLines(path))
            {
                _number++;
                _previous = Hash(Encoding.UTF8.GetBytes(line));
            }
        }
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>A crash may have cut the last line short: it was never finished, so nothing that was done is lost with it.</summary>
    private void CutTornLine()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var end = file.Length;
        for (; end > 0; end--)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n') break;
        }
        if (end == file.Length) return;
        file.SetLength(end);
        logger.AuditTorn(path);
    }

    private void Append(AuditEntry entry)
    {
        var from = _buffer.WrittenCount;
        using (var json = new Utf8JsonWriter(_buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("number", ++_number);
            json.WriteString("previous", _previous);
            json.WriteString("time", Rfc3339.Format(Timestamp.From(time.GetUtcNow())));
            json.WriteString("who", entry.Who);
            json.WriteString("what", entry.What);
            json.WriteString("subject", entry.Subject);
            json.WriteString("why", entry.Why);
            if (entry.Mitigation is { } mitigation)
            {
                json.WritePropertyName("mitigation");
                MitigationLifeJson.Write(json, mitigation);
            }
            json.WriteEndObject();
        }
        _previous = Hash(_buffer.WrittenSpan[from..]);
        _buffer.Write("\n"u8);
    }

    private static string Hash(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));
}

/// <param name="Who">Name of the token, "breakwater" for the policy, or the user at the control socket.</param>
/// <param name="What">A word: <c>approved</c>, <c>withdrawn</c>, <c>withdraw-all</c> …</param>
/// <param name="Subject">Identifier of a mitigation; "all" for all of them.</param>
/// <param name="Why">Plain words.</param>
/// <param name="Mitigation">As it then was.</param>
public sealed record AuditEntry(string Who, string What, string Subject, string Why, Mitigation? Mitigation = null);

/// <param name="Entries">Entries before the first bad one, or all.</param>
/// <param name="LastHash">SHA-256 of the last good line, in hexadecimal.</param>
/// <param name="Problem">What is wrong; null when the chain holds.</param>
public sealed record AuditVerdict(long Entries, string LastHash, string? Problem);
