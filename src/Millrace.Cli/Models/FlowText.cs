namespace Millrace.Cli.Models;

/// <summary>Describes how events become read models.</summary>
internal static class FlowText
{
    /// <summary>
    /// Describes the use of an event's member: <c>key of orders; orders.id; decides sales.name; unknown in stock</c>.
    /// The result is empty when no read model uses the member.
    /// </summary>
    public static string Of(EventVersionDescription version, string member)
    {
        var memberFlows = version.ShownIn.Where(flow => flow.Member == member).ToList();
        string[] parts =
        [
            Part("key of ", memberFlows.Where(flow => flow is { Kind: MemberFlowKind.Key, Field: null })),
            Part(
                "",
                memberFlows.Where(flow =>
                    flow.Kind == MemberFlowKind.Value || flow is { Kind: MemberFlowKind.Key, Field: not null }
                )
            ),
            Part("decides ", memberFlows.Where(flow => flow is { Kind: MemberFlowKind.Condition, Field: not null })),
            Part(
                "decides whether it stays in ",
                memberFlows.Where(flow => flow is { Kind: MemberFlowKind.Condition, Field: null })),
            Part("unknown in ", UnknownFlows(version, memberFlows)),
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }

    /// <summary>
    /// Describes the effect of an event that does not depend on its members. The result is empty when the event has no
    /// such effect.
    /// </summary>
    public static string Of(EventVersionDescription version)
    {
        var eventFlows = version.ShownIn.Where(flow => flow.Member is null).ToList();
        string[] parts =
        [
            Part("", eventFlows.Where(flow => flow.Kind == MemberFlowKind.Occurrence)),
            Part("may remove the document of ", eventFlows.Where(flow => flow.Kind == MemberFlowKind.Removal)),
            Part("unknown in ", eventFlows.Where(flow => flow.Kind == MemberFlowKind.Unknown)),
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }

    /// <summary>
    /// Describes the source of a read model's field, event by event: <c>order.created (number)</c>; <c>order.paid</c>
    /// alone when the event itself sets it; <c>if kind</c> when a member only decides.
    /// </summary>
    public static string Of(ReadModelDescription model, string field)
    {
        var texts = model
            .MemberFlows.Where(flow => flow.Field == field)
            .GroupBy(flow => (flow.Event, flow.EventVersion))
            .Select(group =>
            {
                var data = group
                    .Where(flow => flow.Kind is MemberFlowKind.Value or MemberFlowKind.Key)
                    .Select(flow => flow.Member ?? "");
                var conditions = group
                    .Where(flow => flow.Kind == MemberFlowKind.Condition)
                    .Select(flow => flow.Member ?? "")
                    .ToList();
                List<string> parts = [.. data];
                if (group.Any(flow => flow.Kind == MemberFlowKind.Unknown))
                    parts.Add("unknown");
                if (conditions.Count > 0)
                    parts.Add($"if {string.Join(", ", conditions)}");
                return parts.Count == 0 ? group.Key.Event : $"{group.Key.Event} ({string.Join(", ", parts)})";
            });
        return string.Join("; ", texts.Distinct());
    }

    /// <summary>Returns the events with an unknown effect.</summary>
    public static IEnumerable<string> UnknownOf(ReadModelDescription model) =>
        model
            .MemberFlows.Where(flow => flow is { Kind: MemberFlowKind.Unknown, Field: null })
            .Select(flow => flow.Event)
            .Distinct();

    /// <summary>
    /// Returns the flows with an unknown effect: those of the member, and those of the whole event. A read model with a
    /// flow of the member is omitted from the flows of the whole event.
    /// </summary>
    private static IEnumerable<MemberFlow> UnknownFlows(
        EventVersionDescription version, List<MemberFlow> memberFlows) =>
        memberFlows.Where(flow => flow.Kind == MemberFlowKind.Unknown)
            .Concat(
                version.ShownIn.Where(flow =>
                    flow is { Member: null, Kind: MemberFlowKind.Unknown }
                    && !memberFlows.Exists(known => known.ReadModel == flow.ReadModel)));

    private static string Part(string prefix, IEnumerable<MemberFlow> flows)
    {
        var names = flows.Select(flow => flow.Field is null ? flow.ReadModel : $"{flow.ReadModel}.{flow.Field}");
        var fields = string.Join(", ", names.Distinct());
        return fields.Length == 0 ? "" : prefix + fields;
    }
}
