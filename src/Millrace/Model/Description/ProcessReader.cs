using System.Text.Json;
using Millrace.ProcessManagers;

namespace Millrace.Model.Description;

/// <summary>
/// Creates the descriptions of processes from their definitions, and from the commands of their steps that the
/// generator recorded.
/// </summary>
internal sealed class ProcessReader(
    ContextNames contexts,
    IEnumerable<JsonElement> links,
    Func<Type, string> nameOf,
    Func<IEnumerable<string>, List<string>> eventNames,
    Func<IEnumerable<string>, List<string>> commandNames)
{
    private readonly List<JsonElement> _links = [.. links];

    public ProcessDescription Read(ProcessDefinition definition)
    {
        var type = nameOf(definition.ProcessType);
        var plan = definition.Plan;
        var link = _links.Find(found => ModelLinks.Text(found, "type") == type);
        var isKnown = link.ValueKind == JsonValueKind.Object;
        var steps = isKnown ? ModelLinks.Each(link, "steps").ToLookup(step => ModelLinks.Text(step, "name")) : null;
        return new(definition.Name, contexts.Of(type), definition.Version)
        {
            Type = type,
            Summary = isKnown ? ModelLinks.Text(link, "summary") : null,
            StartedBy = [.. plan.Routes.Where(route => route.Begins).Select(route => EventOf(route.Event)!).Distinct()],
            Parts = Parts(plan.Nodes, steps),
            Unexpected = plan.Unexpected,
        };
    }

    private List<ProcessPart> Parts(IEnumerable<ProcessNode> nodes, ILookup<string?, JsonElement>? steps) =>
        [.. nodes.Select(node => Part(node, steps))];

    private ProcessPart Part(ProcessNode node, ILookup<string?, JsonElement>? steps) => node switch
    {
        StepNode step => new(ProcessPartKind.Step, step.Name)
        {
            Sends = Commands(steps, step.Name, "sends"),
            CanBeUndone = step.Undo is not null,
            UndoneBy = Commands(steps, step.Name, "undoneBy"),
            Event = EventOf(step.EventType),
        },
        ParallelNode group => new(ProcessPartKind.Parallel, group.Name) { Steps = Parts(group.Steps, steps) },
        AwaitNode awaits => new(ProcessPartKind.Await, awaits.Name)
        {
            Event = EventOf(awaits.EventType),
            Within = awaits.Within,
            OnTimeout = awaits.OnTimeout,
        },
        DecisionNode decision => new(ProcessPartKind.Decision, decision.Name)
        {
            Event = EventOf(decision.EventType),
            Then = Parts(decision.Then, steps),
            Otherwise = Parts(decision.Otherwise, steps),
        },
        _ => new(ProcessPartKind.PointOfNoReturn, node.Name),
    };

    private List<string> Commands(ILookup<string?, JsonElement>? steps, string name, string member) =>
        steps is null ? [] : commandNames(steps[name].SelectMany(step => ModelLinks.Texts(step, member)));

    /// <summary>
    /// Returns the stored name of an event. For an unregistered event, returns the name of the class.
    /// </summary>
    private string? EventOf(Type? type) =>
        type is null ? null
        : eventNames([nameOf(type)]) is [var name] ? name
        : type.Name;
}
