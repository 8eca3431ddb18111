using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>The state of a decider that histories are tried on.</summary>
/// <param name="decider">The decider.</param>
/// <param name="code">How the test writes it; null where nobody knows.</param>
internal sealed class DeciderSubject<TState>(Decider<TState> decider, string? code)
    : HistorySubject<TState>((decider.DeclaringType ?? typeof(TState)).Assembly)
    where TState : notnull
{
    public override bool IsShared => true;

    public override string? Beginning => code is null ? null : $"Specification.For({code})";

    protected override string Folder => $"the Evolve of '{decider.Category}'";

    public override TState Load(IReadOnlyList<RecordedEvent> events)
    {
        var state = decider.Initial;
        foreach (var recorded in events)
        {
            var data = StreamFold.DataOf(recorded);
            state = data is EventParts several ? After(state, several.Parts) : decider.Evolve(state, data);
        }
        return state;
    }

    public override TState After(TState subject, IReadOnlyList<object> raised) =>
        raised.Aggregate(subject, decider.Evolve);

    /// <summary>Its members; where the state is one of several cases, behind the name of the case.</summary>
    public override JsonNode? Show(TState subject)
    {
        var shown = ValueTree.Of(subject, Trip.Json);
        return subject.GetType() == typeof(TState) ? shown : new JsonObject { [subject.GetType().Name] = shown };
    }

    public override JsonElement? Tell(TState subject) => null;
}
