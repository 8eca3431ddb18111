using System.Text.Json;

namespace Millrace.Cli.Models;

/// <summary>One part of a model, with how it is shown.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Names">What it is called: its stable name, its class.</param>
/// <param name="WriteText">Shows it to people.</param>
/// <param name="WriteMembers">Writes it for programs.</param>
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
