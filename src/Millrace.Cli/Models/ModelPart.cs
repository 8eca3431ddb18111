using System.Text.Json;

namespace Millrace.Cli.Models;

/// <summary>A part of a model, with functions that write it.</summary>
/// <param name="Kind">The kind of the part.</param>
/// <param name="Names">The stored name and the class name of the part.</param>
/// <param name="WriteText">Writes the part as text.</param>
/// <param name="WriteMembers">Writes the part as JSON.</param>
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
