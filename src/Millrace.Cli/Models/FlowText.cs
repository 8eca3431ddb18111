namespace Millrace.Cli.Models;

/// <summary>How it is told to people what an event becomes in read models.</summary>
internal static class FlowText
{
    /// <summary>
    /// What a member becomes: <c>key of orders; orders.id; decides sales.name; unknown in stock</c>; empty when nothing
    /// shows it.
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

    /// <summary>What the event becomes whatever its members say; empty when nothing.</summary>
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
    /// What a field of a read model is made of, event by event: <c>order.created (number)</c>; <c>order.paid</c> alone
    /// where it is that it happened, <c>if kind</c> where a member decides only.
    /// </summary>
    public static string Of(ReadModelDescription model, string field)
    {
        var told = model
            .MadeOf.Where(flow => flow.Field == field)
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

    /// <summary>The events of which it is not known what becomes of them.</summary>
    public static IEnumerable<string> UnknownOf(ReadModelDescription model) =>
        model
            .MadeOf.Where(flow => flow is { Kind: MemberFlowKind.Unknown, Field: null })
            .Select(flow => flow.Event)
            .Distinct();

    /// <summary>Of a member that is not known to be somewhere: the read models in which nobody knows where everything
    /// is.</summary>
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
