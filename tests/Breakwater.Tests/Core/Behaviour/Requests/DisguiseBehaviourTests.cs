using System.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Behaviour.Requests;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using static Breakwater.Tests.Core.Behaviour.BehaviourWorld;

namespace Breakwater.Tests.Core.Behaviour.Requests;

public sealed class DisguiseBehaviourTests : IDisposable
{
    private const string Browser = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1)";

    private readonly BehaviourWorld _world = new((options, home) => [new DisguiseBehaviour(options, home)]);

    public void Dispose() => _world.Dispose();

    private IEnumerable<string> Signs => _world.Engine.Evidence().Where(e => e.Host == Host(7)).SelectMany(e => e.Signs).Select(s => s.Key);

    [Fact]
    public void A_program_that_posts_as_a_browser_and_gets_ciphertext_as_a_page_is_an_infection()
    {
        for (var i = 0; i < 3; i++)
        {
            Ask("POST", port: (ushort)(40_000 + i));
            Get(ContentKind.Cipher, "text/html", port: (ushort)(40_000 + i));
        }
        _world.Wait(2);
        var accused = Assert.Single(_world.Alarms);
        Assert.Equal((IncidentKind.InfectedHost, Host(7)), (accused.Kind, accused.Host));
        Assert.Equal([SignNames.BrowserMasquerade, SignNames.ConcealedContent], accused.Vectors.Order());
    }

    /// <summary>What updaters with a borrowed name do.</summary>
    [Fact]
    public void Pretending_alone_accuses_nobody_nor_does_fetching_a_program_so()
    {
        for (var i = 0; i < 50; i++) Ask("POST");
        Get(ContentKind.Program, "application/octet-stream");
        _world.Wait(2);
        Assert.Equal([SignNames.BrowserMasquerade, SignNames.ProgramDownload], Signs.Order());
        Assert.Empty(_world.Alarms);
    }

    [Theory]
    [InlineData(Browser, RequestFields.AcceptLanguage)]
    [InlineData(Browser, RequestFields.AcceptEncoding)]
    [InlineData(Browser, RequestFields.Accept | RequestFields.Referer)]
    [InlineData("okhttp/3.10.0", RequestFields.None)]
    [InlineData("Mozilla/4.0 (Windows 7 6.1) Java/1.7.0_17", RequestFields.Accept)]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", RequestFields.Accept)]
    public void Browsers_and_programs_under_their_own_name_do_not_pretend(string agent, RequestFields fields)
    {
        for (var i = 0; i < 50; i++) Ask("POST", agent: agent, fields: fields);
        Get(ContentKind.Cipher, "text/html");
        Get(ContentKind.Program, "application/octet-stream");
        _world.Wait(2);
        Assert.Empty(Signs);
    }

    [Fact]
    public void A_head_that_was_cut_says_nothing_of_what_is_missing()
    {
        for (var i = 0; i < 50; i++) Ask("POST", isWhole: false);
        _world.Wait(2);
        Assert.Empty(Signs);
    }

    [Fact]
    public void Two_requests_are_too_few_and_what_only_fetches_is_half_as_sure()
    {
        Ask("POST");
        Ask("POST");
        _world.Wait(2);
        Assert.Empty(Signs);
        for (var i = 0; i < 100; i++) Ask("GET", host: 8);
        _world.Wait(2);
        Assert.Equal(0.5, Assert.Single(Assert.Single(_world.Engine.Evidence()).Signs).Value);
    }

    [Theory]
    [InlineData("GET", "203.0.113.5", ContentKind.Script, "text/plain", true)]
    [InlineData("GET", "203.0.113.5:8080", ContentKind.Program, "application/octet-stream", true)]
    [InlineData("GET", "192.168.1.1", ContentKind.Program, "application/octet-stream", false)]
    [InlineData("GET", "files.example.com", ContentKind.Program, "application/octet-stream", false)]
    [InlineData("GET", "files.example.com", ContentKind.Script, "text/plain", false)]
    [InlineData("GET", "files.example.com", ContentKind.Program, "image/png", true)]
    public void A_program_from_a_bare_address_or_under_a_wrong_label_is_a_sign(string method, string server, ContentKind kind, string label, bool expected)
    {
        Ask(method, server: server, agent: "Wget/1.21");
        Get(kind, label);
        _world.Wait(2);
        Assert.Equal(expected, Signs.Contains(SignNames.ProgramDownload));
        Assert.Empty(_world.Alarms);
    }

    [Fact]
    public void A_program_fetched_by_something_without_a_name_is_a_weaker_sign_than_one_fetched_in_disguise()
    {
        Ask("GET", agent: "", fields: RequestFields.None);
        Get(ContentKind.Program, "application/octet-stream");
        _world.Wait(2);
        Assert.Equal(0.6, Assert.Single(Assert.Single(_world.Engine.Evidence()).Signs).Value);
        Ask("GET");
        Get(ContentKind.Program, "application/octet-stream");
        _world.Wait(2);
        Assert.Equal(0.95, Assert.Single(Assert.Single(_world.Engine.Evidence()).Signs).Value);
        Get(ContentKind.Script, "text/plain");
        _world.Wait(2);
        Assert.Equal(0.95, Assert.Single(Assert.Single(_world.Engine.Evidence()).Signs).Value);
    }

    [Theory]
    [InlineData("203.0.113.5", Browser, 256, true)]
    [InlineData("203.0.113.5", Browser, 64, false)]
    [InlineData("203.0.113.5", "okhttp/3.10.0", 256, false)]
    [InlineData("www.example.com", Browser, 256, false)]
    public void Ciphertext_as_a_page_counts_for_a_whole_browser_too_where_the_server_has_no_name(string server, string agent, int octets, bool expected)
    {
        Ask("POST", server: server, agent: agent, fields: RequestFields.Accept | RequestFields.AcceptLanguage | RequestFields.AcceptEncoding);
        Get(ContentKind.Cipher, "text/html", octets: octets);
        _world.Wait(2);
        Assert.Equal(expected, Signs.Contains(SignNames.ConcealedContent));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", true)]
    [InlineData("", true)]
    [InlineData("application/octet-stream", false)]
    public void Ciphertext_that_is_brought_as_a_form_or_without_a_name_counts_as_well(string label, bool expected)
    {
        for (var i = 0; i < 3; i++) Ask("POST", content: ContentKind.Cipher, label: label);
        _world.Wait(2);
        Assert.Equal(expected, _world.Alarms.Any(i => i.Vectors.Contains(SignNames.ConcealedContent)));
    }

    [Fact]
    public void Content_counts_only_on_the_connection_that_asked_in_disguise()
    {
        for (var i = 0; i < 3; i++) Ask("POST");
        Get(ContentKind.Cipher, "text/html", port: 41_000);
        Get(ContentKind.Cipher, "application/octet-stream");
        _world.Wait(2);
        Assert.Equal([SignNames.BrowserMasquerade], Signs);
    }

    [Fact]
    public void What_was_seen_the_day_before_yesterday_is_forgotten()
    {
        Ask("POST");
        Ask("POST");
        _world.Wait(2 * 86_400);
        Ask("POST");
        _world.Wait(2);
        Assert.Empty(Signs);
    }

    private void Ask(string method, ushort port = 40_000, string server = "www.example.com", string agent = Browser, RequestFields fields = RequestFields.Accept, bool isWhole = true, int host = 7, ContentKind content = ContentKind.Other, string label = "") =>
        ((IObservationSink)_world.Engine).Take(
            new Flow { Source = Host(host), Destination = Remote(5), SourcePort = port, DestinationPort = 80, Protocol = 6, Start = _world.Now, End = _world.Now },
            new RequestObservation { IsTls = false, ServerName = Encoding.ASCII.GetBytes(server), Signature = Encoding.ASCII.GetBytes(agent), Protocol = Encoding.ASCII.GetBytes(method), Fields = fields, IsWhole = isWhole, Content = content, MediaType = Encoding.ASCII.GetBytes(label) });

    private void Get(ContentKind kind, string label, ushort port = 40_000, int octets = 44) =>
        ((IObservationSink)_world.Engine).Take(
            new Flow { Source = Remote(5), Destination = Host(7), SourcePort = 80, DestinationPort = port, Protocol = 6, Start = _world.Now, End = _world.Now },
            new ContentObservation { Kind = kind, MediaType = Encoding.ASCII.GetBytes(label), Octets = octets });
}
