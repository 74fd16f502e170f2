namespace Breakwater.Engine.Storage;

/// <summary>The exporters as the receivers know them now. Called from any thread.</summary>
public interface IExporterSource
{
    IReadOnlyList<ExporterRecord> Exporters();
}
