using System.Net;
using System.Text.Json;
using Breakwater.Tests.Core.Incidents;

namespace Breakwater.Tests.Server.Api;

public sealed class EventTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_client_hears_the_newest_traffic_at_once_and_then_every_change()
    {
        await using var api = await ApiHost.StartAsync();
        api.Live.Publish(ApiHost.Snapshot(1));
        using var client = await Follower.ConnectAsync(api);

        Assert.Equal("traffic", (await client.NextAsync()).Name);
        api.Live.Publish(IncidentSamples.DnsAmplification());
        api.Live.Publish(ApiHost.Snapshot(2));

        var (name, data) = await client.NextAsync();
        Assert.Equal("incident", name);
        Assert.Equal("ddos-1", data.GetProperty("id").GetString());
        Assert.False(data.TryGetProperty("evidence", out _));
        Assert.Equal("2025-06-15T15:06:42.000000Z", (await client.NextAsync()).Data.GetProperty("time").GetString());
    }

    [Fact]
    public async Task Text_from_a_record_cannot_forge_an_event()
    {
        await using var api = await ApiHost.StartAsync();
        using var client = await Follower.ConnectAsync(api);
        await client.NextAsync();

        api.Live.Publish(IncidentSamples.DnsAmplification() with { Explanation = "a\n\nevent: incident\ndata: {}\n\n" });

        Assert.Equal("a\n\nevent: incident\ndata: {}\n\n", (await client.NextAsync()).Data.GetProperty("explanation").GetString());
    }

    [Fact]
    public async Task No_more_clients_than_allowed()
    {
        await using var api = await ApiHost.StartAsync(o => o.MaxEventClients = 2);
        using var first = await Follower.ConnectAsync(api);
        using (await Follower.ConnectAsync(api))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.FailAsync("/api/v1/events")).Status);

        // The second has gone: its place becomes free as soon as the server notices.
        for (var deadline = DateTime.UtcNow + Patience; ;)
        {
            using var response = await api.Client.GetAsync(new Uri("/api/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            if (response.StatusCode == HttpStatusCode.OK) break;
            Assert.True(DateTime.UtcNow < deadline, "the place stays taken");
            api.Live.Publish(ApiHost.Snapshot());
            await Task.Delay(50);
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_let_go_and_others_lose_nothing()
    {
        await using var api = await ApiHost.StartAsync();
        using var slow = await Follower.ConnectAsync(api);
        using var good = await Follower.ConnectAsync(api);
        await good.NextAsync();
        var large = IncidentSamples.DnsAmplification() with { Explanation = new string('x', 100_000) };
        for (var i = 0; i < 400; i++)
        {
            api.Live.Publish(large with { Packets = i });
            Assert.Equal(i, (await good.NextAsync()).Data.GetProperty("packets").GetInt64());
        }

        // 40 MB do not fit the sockets' buffers: the slow one finds a beginning and then the end.
        var read = 0;
        while (await slow.TryNextAsync() is not null) read++;
        Assert.InRange(read, 1, 399);
    }

    /// <summary>One client of the event stream.</summary>
    private sealed class Follower : IDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly StreamReader _reader;

        private Follower(HttpResponseMessage response, Stream stream)
        {
            _response = response;
            _reader = new StreamReader(stream);
        }

        public static async Task<Follower> ConnectAsync(ApiHost api)
        {
            var response = await api.Client.GetAsync(new Uri("/api/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            return new Follower(response, await response.Content.ReadAsStreamAsync());
        }

        public async Task<(string Name, JsonElement Data)> NextAsync() => await TryNextAsync() ?? throw new InvalidOperationException("the stream ended");

        public async Task<(string Name, JsonElement Data)?> TryNextAsync()
        {
            var name = "";
            using var patience = new CancellationTokenSource(Patience);
            while (await _reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
                if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
                using var json = JsonDocument.Parse(line[6..]);
                return (name, json.RootElement.Clone());
            }
            return null;
        }

        public void Dispose()
        {
            _reader.Dispose();
            _response.Dispose();
        }
    }
}
