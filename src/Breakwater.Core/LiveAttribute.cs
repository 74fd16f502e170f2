namespace Breakwater.Core;

/// <summary>Marks an option that takes effect when the configuration is read again, without a restart; on a class, all of its options.</summary>
/// <remarks>Whoever reads the option must read it at each use, or be told by the engine's <c>TakeUpOptions</c>.</remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class LiveAttribute : Attribute;
