using Breakwater.Core.Sharing;
using Breakwater.Protocols.DdosDb;
using Breakwater.Tests.Core.Sharing;

namespace Breakwater.Tests.Protocols.DdosDb;

public class DdosFingerprintTests
{
    [Fact]
    public void Describes_the_attack_in_the_fields_of_the_clearing_house()
    {
        var fingerprint = DdosFingerprint.Of(SharedSamples.Shared());

        Assert.Equal("Anonymous", (string)fingerprint["target"]!);
        Assert.Equal((30L, 3_000_000L, 4200L, 2300L), ((long)fingerprint["duration_seconds"]!, (long)fingerprint["total_packets"]!, (long)fingerprint["total_megabytes"]!, (long)fingerprint["total_ips"]!));
        Assert.Equal("Amplification attack", (string)fingerprint["tags"]![0]!);
        var vector = Assert.Single(fingerprint["attack_vectors"]!.AsArray())!;
        Assert.Equal(("DNS", "UDP", 53, 1.0), ((string)vector["service"]!, (string)vector["protocol"]!, (int)vector["source_port"]!, (double)vector["fraction_of_attack"]!));
        Assert.Equal(1.0, (double)vector["destination_ports"]!["40000"]!);
        Assert.Equal(["198.51.100.1", "203.0.113.9"], vector["source_ips"]!.AsArray().Select(s => (string)s!).Order());
        Assert.Matches("^[0-9a-f]{32}$", (string)fingerprint["key"]!);
    }

    [Fact]
    public void Another_attack_has_another_key() =>
        Assert.NotEqual((string)DdosFingerprint.Of(SharedSamples.Shared())["key"]!, (string)DdosFingerprint.Of(SharedSamples.Shared(configure: o => o.Victims = Disclosure.Network))["key"]!);
}
