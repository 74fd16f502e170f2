using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Names;

/// <summary>Remembers which addresses answer DNS questions. A resolver passes on what others ask, and is not to blame for it.</summary>
/// <remarks>One place an address: a later server may push an earlier one out, and then that one is remembered at its next answer.</remarks>
internal sealed class ServersSeen
{
    private const int Places = 4096;

    private readonly IpAddr[] _places = new IpAddr[Places];

    public void Add(in IpAddr server) => _places[(int)(server.Hash64() % Places)] = server;

    public bool Contains(in IpAddr address) => _places[(int)(address.Hash64() % Places)] == address;
}
