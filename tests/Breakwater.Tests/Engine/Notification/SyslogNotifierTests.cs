using System.Net;
using System.Net.Sockets;
using System.Text;
using Breakwater.Engine.Notification;

namespace Breakwater.Tests.Engine.Notification;

public class SyslogNotifierTests
{
    [Fact]
    public async Task Sends_a_datagram_for_each_notice()
    {
        using var collector = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var syslog = new SyslogNotifier(new SyslogOptions { Server = "127.0.0.1", Port = ((IPEndPoint)collector.Client.LocalEndPoint!).Port });
        await syslog.SendAsync(Attacks.Group(Attacks.Opened(), new Notice("m", NoticeKind.MitigationChanged, Attacks.Now) { Mitigation = Attacks.Mitigation() }), CancellationToken.None);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var first = Encoding.UTF8.GetString((await collector.ReceiveAsync(patience.Token)).Buffer);
        // daemon is 3, error is 3.
        Assert.StartsWith("<27>1 2023-11-14T22:13:20.000000Z ", first);
        Assert.Contains(" opened [breakwater@32473 notice=", first);
        Assert.Contains("target=\"192.0.2.7\"", first);
        var second = Encoding.UTF8.GetString((await collector.ReceiveAsync(patience.Token)).Buffer);
        Assert.Contains(" mitigation-changed [breakwater@32473 ", second);
        Assert.Contains("state=\"active\"", second);
    }

    [Fact]
    public async Task Sends_frames_with_their_length_over_a_stream()
    {
        var all = new TaskCompletionSource<byte[]>();
        await using var collector = new LoopbackServer(async (stream, cancel) =>
        {
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, cancel);
            all.TrySetResult(copy.ToArray());
        });
        using var syslog = new SyslogNotifier(new SyslogOptions { Server = "127.0.0.1", Port = collector.Port, Transport = SyslogTransport.Tcp });
        Assert.Equal(Delivery.Done, await syslog.SendAsync(Attacks.Group(Attacks.Opened("a"), Attacks.Opened("b")), CancellationToken.None));
        var octets = await all.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var frames = 0;
        while (octets.Length > 0)
        {
            var space = Array.IndexOf(octets, (byte)' ');
            var length = int.Parse(Encoding.ASCII.GetString(octets, 0, space), System.Globalization.CultureInfo.InvariantCulture);
            Assert.StartsWith("<27>1 ", Encoding.UTF8.GetString(octets, space + 1, length));
            octets = octets[(space + 1 + length)..];
            frames++;
        }
        Assert.Equal(2, frames);
    }
}
