using Breakwater.Engine.Mitigations;
using Breakwater.Tests.Core.Mitigations;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Mitigations;

public sealed class AuditLogTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("breakwater-").FullName, "audit.log");

    [Fact]
    public void A_chain_holds_over_restarts_and_a_line_cut_short()
    {
        Write("first", "second");
        File.AppendAllText(_file, "{\"number\":3,\"prev");
        Write("third");
        var verdict = AuditLog.Verify(_file);
        Assert.Equal((3, null), (verdict.Entries, verdict.Problem));
    }

    [Theory]
    [InlineData(0, "line 2:")]
    [InlineData(1, "line 3:")]
    public void A_changed_line_is_found(int which, string where)
    {
        Write("first", "second", "third");
        var lines = File.ReadAllLines(_file);
        lines[which] = lines[which].Replace("anna", "nobody", StringComparison.Ordinal);
        File.WriteAllLines(_file, lines);
        Assert.StartsWith(where, AuditLog.Verify(_file).Problem);
    }

    [Fact]
    public void A_missing_line_and_a_swapped_pair_are_found()
    {
        Write("first", "second", "third");
        var lines = File.ReadAllLines(_file);
        File.WriteAllLines(_file, [lines[0], lines[2]]);
        Assert.StartsWith("line 2:", AuditLog.Verify(_file).Problem);
        File.WriteAllLines(_file, [lines[1], lines[0], lines[2]]);
        Assert.StartsWith("line 1:", AuditLog.Verify(_file).Problem);
    }

    [Fact]
    public void Any_change_of_a_single_character_before_the_last_line_is_found()
    {
        Write("first", "second");
        var bytes = File.ReadAllBytes(_file);
        var lastLine = Array.IndexOf(bytes, (byte)'\n') + 1;
        for (var i = 0; i < lastLine; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 1;
            File.WriteAllBytes(_file, changed);
            Assert.NotNull(AuditLog.Verify(_file).Problem);
        }
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private void Write(params string[] whys)
    {
        using var log = new AuditLog(_file, TimeProvider.System, NullLogger<AuditLog>.Instance);
        foreach (var why in whys) log.Write(new AuditEntry("anna", "approved", "m1", why, MitigationSamples.Typed));
    }
}
