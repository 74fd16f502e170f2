using Breakwater.Core.Behaviour;

namespace Breakwater.Tests.Core.Behaviour;

/// <summary>Keeps every sign that a behaviour under test says.</summary>
internal sealed class CollectedSigns : ISignSink
{
    public List<Sign> All { get; } = [];

    public void Add(Sign sign) => All.Add(sign);
}
