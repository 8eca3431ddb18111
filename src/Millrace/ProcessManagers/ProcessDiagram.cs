using System.Text;

namespace Millrace.ProcessManagers;

/// <summary>Writes a definition as a Mermaid state diagram.</summary>
internal static class ProcessDiagram
{
    public static string Write(ProcessDefinition definition)
    {
        var text = new StringBuilder("stateDiagram-v2\n");
        var ends = Write(text, definition.Plan.Nodes, ["[*]"]);
        foreach (var end in ends)
            text.Append("    ").Append(end).Append(" --> [*]\n");
        return text.ToString();
    }

    /// <summary>Writes parts in order and returns the states that lead to the next part.</summary>
    private static IReadOnlyList<string> Write(
        StringBuilder text, IReadOnlyList<ProcessNode> nodes, IReadOnlyList<string> from)
    {
        foreach (var node in nodes)
        {
            var id = Id(node.Name);
            text.Append($"    {id} : {Describe(node)}\n");
            foreach (var before in from)
                text.Append($"    {before} --> {id}\n");
            from = node is DecisionNode decision
                ?
                [
                    .. Branch(text, decision.Then, id, DecisionNode.Yes),
                    .. Branch(text, decision.Otherwise, id, DecisionNode.No),
                ]
                : [id];
        }
        return from;
    }

    private static IReadOnlyList<string> Branch(
        StringBuilder text, IReadOnlyList<ProcessNode> nodes, string from, string name)
    {
        var branch = $"{from}_{name}";
        text.Append($"    {branch} : {name}\n    {from} --> {branch}\n");
        return Write(text, nodes, [branch]);
    }

    private static string Describe(ProcessNode node) => node switch
    {
        StepNode { Undo: not null } => $"{node.Name} (can be undone)",
        ParallelNode group => $"{node.Name}, all of {string.Join(", ", group.Steps.Select(step => step.Name))}",
        AwaitNode { Within: { } within } awaits => $"{node.Name}, {awaits.EventType.Name} within {within:c}",
        AwaitNode awaits => $"{node.Name}, {awaits.EventType.Name}",
        NoReturnNode => $"{node.Name} (only forward from here)",
        _ => node.Name,
    };

    private static string Id(string name) => "s_" + name.Replace('-', '_').Replace('.', '_').Replace('@', '_');
}
