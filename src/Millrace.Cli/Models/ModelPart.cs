using System.Text.Json;

namespace Millrace.Cli.Models;

/// <summary>A part of a model, and how it is written.</summary>
/// <param name="Kind">The kind of the part.</param>
/// <param name="Names">Its names: stored name and class.</param>
/// <param name="WriteText">Writes it as text.</param>
/// <param name="WriteMembers">Writes it as JSON.</param>
internal sealed record ModelPart(
    string Kind, IReadOnlyList<string> Names, Action<ToolInvocation> WriteText, Action<Utf8JsonWriter> WriteMembers)
{
    public bool IsCalled(string name) => Names.Contains(name, StringComparer.OrdinalIgnoreCase);

    public void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteString("kind"u8, Kind);
        WriteMembers(writer);
    }
}
