using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine;
using Breakwater.Protocols.Ipfix;

namespace Breakwater.Tests.Engine;

public class CompositionTests
{
    [Fact]
    public void Names_are_unique_and_written_in_small_letters()
    {
        foreach (var names in new[] { Composition.Default.FlowDecoders, Composition.Default.Detectors, Composition.Default.Behaviours, Composition.Default.PayloadReaders })
        {
            Assert.NotEmpty(names);
            Assert.Equal(names.Distinct(), names);
            Assert.All(names, name => Assert.Matches("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", name));
        }
    }

    [Fact]
    public void Every_part_bears_the_name_that_it_is_registered_by()
    {
        Assert.Equal(Composition.Default.FlowDecoders, Composition.Default.CreateFlowDecoders(new TemplateOptions()).Select(d => d.Name));
        Assert.Equal(Composition.Default.Detectors, Composition.Default.CreateDetectors().Select(d => d.Name));
        Assert.Equal(Composition.Default.PayloadReaders, Composition.Default.CreatePayloadReaders().Select(r => r.Name));
        Assert.Equal(Composition.Default.Behaviours, Composition.Default.CreateBehaviours(new BehaviourOptions(), new HomeNetwork([], [])).Select(b => b.Name));
    }

    [Fact]
    public void Each_receiver_gets_decoders_of_its_own() =>
        Assert.Empty(Composition.Default.CreateFlowDecoders(new TemplateOptions()).Intersect(Composition.Default.CreateFlowDecoders(new TemplateOptions())));
}

/// <summary>What holds for every decoder in the composition, the one added next year included.</summary>
public class EveryFlowDecoder
{
    public static TheoryData<string> Names => [.. Composition.Default.FlowDecoders];

    [Theory, MemberData(nameof(Names))]
    public void Never_throws_whatever_the_bytes(string name)
    {
        var decoder = Create(name);
        var exporter = new Exporter(IpAddr.Parse("192.0.2.1"), 1);
        var batch = new FlowBatch();
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var datagram = new byte[random.Next(0, 600)];
            random.NextBytes(datagram);
            // Most random bytes fail at the version: give every protocol's version word its turn.
            if (datagram.Length >= 4) ((ReadOnlySpan<byte>)[0, (byte)(i % 4 == 0 ? 0 : i % 16), 0, 5]).CopyTo(datagram);
            decoder.Decode(datagram, exporter, Timestamp.FromUnixSeconds(1_700_000_000 + i), batch);
            batch.Clear();
        }
        Assert.True(exporter.Errors > 0);
    }

    [Theory, MemberData(nameof(Names))]
    public void Takes_no_empty_datagram_for_its_own(string name) => Assert.False(Create(name).Recognises([]));

    private static IFlowDecoder Create(string name) => Composition.Default.CreateFlowDecoders(new TemplateOptions()).Single(d => d.Name == name);
}
