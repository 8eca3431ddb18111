using System.Text.Json.Nodes;

namespace Millrace.Testing.Differences;

/// <summary>An event in its form for comparison and display, with the name of its type and its members.</summary>
internal sealed record DisplayedEvent(string Type, JsonNode? Members)
{
    public override string ToString() => $"{Type} {ValueTree.Text(Members)}";
}
