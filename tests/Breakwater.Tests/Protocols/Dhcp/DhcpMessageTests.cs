using System.Text;
using Breakwater.Protocols.Dhcp;
using Breakwater.Tests.Protocols.Payloads;

namespace Breakwater.Tests.Protocols.Dhcp;

public class DhcpMessageTests
{
    [Fact]
    public void Reads_a_request()
    {
        Assert.True(DhcpMessage.TryRead(PayloadSamples.DhcpRequest, out var message));
        Assert.Equal((true, 3, true), (message.IsRequest, message.Type, message.IsWhole));
        Assert.Equal(("0.0.0.0", "192.0.2.50"), (message.ClientAddress.ToString(), message.RequestedAddress.ToString()));
        Assert.Equal(("kettle", "MSFT 5.0"), (Encoding.ASCII.GetString(message.HostName), Encoding.ASCII.GetString(message.VendorClass)));
        Assert.Equal([1, 3, 6, 15], message.ParameterRequestList.ToArray());
        Assert.Equal([1, 2, 0, 0, 0, 0, 7], message.ClientId.ToArray());
        Assert.Equal([2, 0, 0, 0, 0, 7], message.HardwareAddress.ToArray());
    }

    [Fact]
    public void Keeps_the_options_before_a_cut_and_says_that_it_was_cut()
    {
        Assert.True(DhcpMessage.TryRead(PayloadSamples.DhcpRequest.AsSpan(0, 236 + 4 + 3 + 9 + 6 + 1 + 8 + 5), out var message));
        Assert.Equal("kettle", Encoding.ASCII.GetString(message.HostName));
        Assert.True(message.VendorClass.IsEmpty);
        Assert.False(message.IsWhole);
    }

    [Fact]
    public void Refuses_what_is_no_dhcp()
    {
        Assert.False(DhcpMessage.TryRead(PayloadSamples.DhcpRequest.AsSpan(0, 239), out _));
        byte[] noCookie = [.. PayloadSamples.DhcpRequest];
        noCookie[236] = 0;
        Assert.False(DhcpMessage.TryRead(noCookie, out _));
        byte[] noOperation = [.. PayloadSamples.DhcpRequest];
        noOperation[0] = 3;
        Assert.False(DhcpMessage.TryRead(noOperation, out _));
    }

    [Fact]
    public void Takes_no_hardware_address_longer_than_its_field()
    {
        byte[] damaged = [.. PayloadSamples.DhcpRequest];
        damaged[2] = 17;
        Assert.True(DhcpMessage.TryRead(damaged, out var message));
        Assert.True(message.HardwareAddress.IsEmpty);
    }

    [SharedDataFact("captures")]
    public void Hears_what_a_real_camera_says() =>
        Assert.Contains(CapturedPayloads.Of("benign-iot-d-linkcam.pcap"), l => l.StartsWith("dhcp-fingerprint "));
}
