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
        var own = version.ShownIn.Where(flow => flow.Member == member).ToList();
        string[] parts =
        [
            Part("key of ", own.Where(flow => flow is { Kind: MemberFlowKind.Key, Field: null })),
            Part(
                "",
                own.Where(flow =>
                    flow.Kind == MemberFlowKind.Value || flow is { Kind: MemberFlowKind.Key, Field: not null }
                )
            ),
            Part("decides ", own.Where(flow => flow is { Kind: MemberFlowKind.Condition, Field: not null })),
            Part(
                "decides whether it stays in ",
                own.Where(flow => flow is { Kind: MemberFlowKind.Condition, Field: null })),
            Part("unknown in ", UnmappedMembers(version, own)),
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }

    /// <summary>
    /// Describes the effect of an event that does not depend on its members. The result is empty when the event has no
    /// such effect.
    /// </summary>
    public static string Of(EventVersionDescription version)
    {
        var own = version.ShownIn.Where(flow => flow.Member is null).ToList();
        string[] parts =
        [
            Part("", own.Where(flow => flow.Kind == MemberFlowKind.Occurrence)),
            Part("may remove the document of ", own.Where(flow => flow.Kind == MemberFlowKind.Removal)),
            Part("unknown in ", own.Where(flow => flow.Kind == MemberFlowKind.Unknown)),
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }

    /// <summary>
    /// Describes the source of a read model's field, event by event: <c>order.created (number)</c>; <c>order.paid</c>
    /// alone when the event itself sets it; <c>if kind</c> when a member only decides.
    /// </summary>
    public static string Of(ReadModelDescription model, string field)
    {
        var told = model
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
        return string.Join("; ", told.Distinct());
    }

    /// <summary>Returns the events with an unknown effect.</summary>
    public static IEnumerable<string> UnknownOf(ReadModelDescription model) =>
        model
            .MemberFlows.Where(flow => flow is { Kind: MemberFlowKind.Unknown, Field: null })
            .Select(flow => flow.Event)
            .Distinct();

    /// <summary>Returns the read models that may use a member in an unknown way. The member has no known use.</summary>
    private static IEnumerable<MemberFlow> UnmappedMembers(EventVersionDescription version, List<MemberFlow> own) =>
        own.Where(flow => flow.Kind == MemberFlowKind.Unknown)
            .Concat(
                version.ShownIn.Where(flow =>
                    flow is { Member: null, Kind: MemberFlowKind.Unknown }
                    && !own.Exists(known => known.ReadModel == flow.ReadModel)));

    private static string Part(string before, IEnumerable<MemberFlow> flows)
    {
        var names = flows.Select(flow => flow.Field is null ? flow.ReadModel : $"{flow.ReadModel}.{flow.Field}");
        var places = string.Join(", ", names.Distinct());
        return places.Length == 0 ? "" : before + places;
    }
}
