using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>An event as it is compared and shown: the name of its type, and its members.</summary>
internal sealed record DisplayedEvent(string Type, JsonNode? Members)
{
    public override string ToString() => $"{Type} {ValueTree.Text(Members)}";
}
