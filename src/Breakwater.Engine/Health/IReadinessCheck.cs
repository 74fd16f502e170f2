namespace Breakwater.Engine.Health;

/// <summary>One thing without which the service is of no use: a store, a receiver. Asked at every look at <c>/health/ready</c>, so it must be quick.</summary>
public interface IReadinessCheck
{
    /// <summary>Short name, for the answer: <c>store</c>, <c>receivers</c>.</summary>
    string Name { get; }

    /// <returns>Null when ready, else why not.</returns>
    string? WhyNotReady();
}
