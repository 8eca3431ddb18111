using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>An event in the form that is compared and displayed: the name of its type, and its members.</summary>
internal sealed record DisplayedEvent(string Type, JsonNode? Members)
{
    public override string ToString() => $"{Type} {ValueTree.Text(Members)}";
}
