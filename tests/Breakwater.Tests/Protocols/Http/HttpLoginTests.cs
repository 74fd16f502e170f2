using System.Text;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Protocols.Http;

namespace Breakwater.Tests.Protocols.Http;

public class HttpLoginTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n", WebLoginKind.Authorization)]
    [InlineData("GET / HTTP/1.1\r\nauthorization:digest username=\"a\", response=\"b\"\r\n\r\n", WebLoginKind.Authorization)]
    [InlineData("POST /account HTTP/1.1\r\nHost: a\r\n\r\nuser=a&password=b", WebLoginKind.Form)]
    [InlineData("POST /api HTTP/1.1\r\nHost: a\r\n\r\n{\"user\":\"a\",\"password\":\"b\"}", WebLoginKind.Form)]
    [InlineData("POST /wp-LOGIN.php?x=1 HTTP/1.1\r\nHost: a\r\n", WebLoginKind.Form)]
    [InlineData("GET /vulnerabilities/?username=a&password=b&Login=Login HTTP/1.1\r\n\r\n", WebLoginKind.Form)]
    public void Finds_where_a_password_is_presented(string request, WebLoginKind kind)
    {
        Assert.True(HttpLogin.TryRead(Encoding.ASCII.GetBytes(request), out var login));
        Assert.Equal(kind, login.Kind);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer abc\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nAuthorization: NTLM TlRMTVNTUAABAAAA\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic QWxhZ")]
    [InlineData("GET /login HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /telemetry HTTP/1.1\r\nHost: a\r\n\r\nclass=7&pass_through=1")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\npassword=b")]
    public void Passes_over_what_is_no_password(string message) => Assert.False(HttpLogin.TryRead(Encoding.ASCII.GetBytes(message), out _));

    [Fact]
    public void The_same_name_and_password_are_the_same_whatever_else_is_asked()
    {
        var first = Credentials("GET /send?user=a&password=b&to=1&text=x HTTP/1.1\r\n\r\n");
        Assert.Equal(first, Credentials("GET /send?user=a&password=b&to=2&text=y HTTP/1.1\r\n\r\n"));
        Assert.NotEqual(first, Credentials("GET /send?user=a&password=c&to=1&text=x HTTP/1.1\r\n\r\n"));
        Assert.NotEqual(first, Credentials("GET /send?user=z&password=b&to=1&text=x HTTP/1.1\r\n\r\n"));
    }

    private static ulong Credentials(string request)
    {
        Assert.True(HttpLogin.TryRead(Encoding.ASCII.GetBytes(request), out var login));
        return login.Credentials;
    }
}
