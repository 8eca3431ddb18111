using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Holds the shapes of today's events against those that were ever stored.</summary>
internal static class ContractCheck
{
    /// <summary>What the file would be if all were accepted: today's shapes, and those stored ones that are taken as JSON.</summary>
    private static ContractFile Accepted(ModelParts parts, ContractFile? stored)
    {
        var contract = ContractFile.Empty(stored?.Mode ?? ContractFile.DefaultMode);
        foreach (var found in parts.Events)
            contract.Add(found.Name, found.Version, MembersOf(found));
        foreach (var upcast in parts.Upcasts.Where(upcast => upcast.From.Type is null))
        {
            if (stored?.Find(upcast.From.Name, upcast.From.Version) is { } members
                && contract.Find(upcast.From.Name, upcast.From.Version) is null)
                contract.Add(upcast.From.Name, upcast.From.Version, members.Select(member => (member.Key, member.Value)));
        }
        return contract;
    }

    /// <summary>The same from the file's text, which may be missing or wrong.</summary>
    public static ContractFile Accepted(ModelParts parts, string? text)
    {
        try
        {
            return Accepted(parts, text is null ? null : ContractFile.Parse(text));
        }
        catch (FormatException)
        {
            return Accepted(parts, stored: null); // It is reported.
        }
    }

    public static IEnumerable<DiagnosticInfo> Problems(ModelParts parts, string? text, PlaceInfo? model)
    {
        if (text is null)
            return Claims(parts);
        ContractFile stored;
        try
        {
            stored = ContractFile.Parse(text);
        }
        catch (FormatException exception)
        {
            return [new(Diagnostics.ContractUnreadable, model, new[] { exception.Message }.ToEquatable())];
        }
        var today = Accepted(parts, stored: null);
        return stored.Mode == "none"
            ? Missing(parts, stored)
            : Claims(parts).Concat(Changed(parts, stored)).Concat(Missing(parts, stored))
                .Concat(Removed(parts, stored, today, model)).Concat(Forward(parts, stored));
    }

    private static IEnumerable<DiagnosticInfo> Changed(ModelParts parts, ContractFile stored) =>
        from found in parts.Events
        from name in found.Formerly.Prepend(found.Name)
        let before = stored.Find(name, found.Version)
        where before is not null
        let problems = ShapeComparison.Problems(ShapeOf(found), before, mayDrop: false).ToList()
        where problems.Count > 0
        select At(
            Diagnostics.ContractBroken,
            found.Place,
            Short(found.FullName),
            name,
            Text(found.Version),
            string.Join("; ", problems),
            Text(found.Version + 1)) with
        {
            Detail = string.Join("\n", before.Select(member => $"{member.Key}\t{IsBroken(member.Key, problems)}\t{member.Value}")),
        };

    /// <summary>Whether a problem, which begins with the path that it is about, is this member's.</summary>
    private static bool IsBroken(string member, List<string> problems) => problems.Exists(problem =>
        problem.Substring(1).Split('\'', '.', '[')[0] == member.TrimEnd('?'));

    private static IEnumerable<DiagnosticInfo> Missing(ModelParts parts, ContractFile stored) =>
        from found in parts.Events
        let before = stored.Find(found.Name, found.Version)
        where before is null || !IsSame(before, ShapeOf(found))
        where before is null || stored.Mode == "none" || !ShapeComparison.Problems(ShapeOf(found), before, mayDrop: false).Any()
        select At(Diagnostics.ContractIncomplete, found.Place, Short(found.FullName), found.Name, Text(found.Version)) with
        {
            Detail = string.Join(
                "\n", MembersOf(found).Prepend((found.Name, Text(found.Version))).Select(pair => $"{pair.Item1}\t{pair.Item2}")),
        };

    /// <summary>What was stored and nothing reads any more.</summary>
    private static IEnumerable<DiagnosticInfo> Removed(ModelParts parts, ContractFile stored, ContractFile today, PlaceInfo? model)
    {
        var taken = new HashSet<string>(parts.Upcasts.Select(upcast => upcast.From.Id), StringComparer.Ordinal);
        var former = parts.Events.SelectMany(found => found.Formerly.Select(name => (name, found.Name)))
            .GroupBy(pair => pair.name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Name);
        return
            from name in stored.Events
            from version in name.Value.Keys
            where today.Find(name.Key, version) is null && !taken.Contains($"{name.Key}@{version}")
            where !former.TryGetValue(name.Key, out var now) || today.Find(now, version) is null
            select At(Diagnostics.ContractRemoved, model, name.Key, Text(version));
    }

    /// <summary>Whether older readers could read the newest version, where the file asks for it.</summary>
    private static IEnumerable<DiagnosticInfo> Forward(ModelParts parts, ContractFile stored)
    {
        if (!stored.Mode.StartsWith("f", StringComparison.Ordinal))
            return [];
        var isTransitive = stored.Mode.EndsWith("-transitive", StringComparison.Ordinal);
        return
            from found in Newest(parts)
            where stored.Events.ContainsKey(found.Name)
            let older = stored.Events[found.Name].Where(version => version.Key < found.Version).OrderByDescending(version => version.Key)
            from version in isTransitive ? older : older.Take(1)
            let problems = ShapeComparison.Problems(version.Value, ShapeOf(found), mayDrop: true).ToList()
            where problems.Count > 0
            select OlderCannot(found, version.Key, problems);
    }

    /// <summary>Whether who is said to read a version could.</summary>
    private static IEnumerable<DiagnosticInfo> Claims(ModelParts parts) =>
        from found in parts.Events
        where found.ReadableBy > 0
        from older in parts.Events
        where older.Name == found.Name && older.Version >= found.ReadableBy && older.Version < found.Version
        let problems = ShapeComparison.Problems(ShapeOf(older), ShapeOf(found), mayDrop: true).ToList()
        where problems.Count > 0
        select OlderCannot(found, older.Version, problems);

    private static DiagnosticInfo OlderCannot(EventModel found, int version, List<string> problems) => At(
        Diagnostics.ContractForward, found.Place, Text(version), Short(found.FullName), string.Join("; ", problems));

    private static IEnumerable<EventModel> Newest(ModelParts parts) => parts.Events
        .GroupBy(found => found.Name, StringComparer.Ordinal)
        .Select(group => group.OrderByDescending(found => found.Version).First());

    private static IEnumerable<(string Name, string Text)> MembersOf(EventModel found) =>
        new ShapeText(found.Json).MembersOf(found.FullName);

    private static SortedDictionary<string, string> ShapeOf(EventModel found)
    {
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in MembersOf(found))
            members[name] = text;
        return members;
    }

    private static bool IsSame(IReadOnlyDictionary<string, string> one, SortedDictionary<string, string> other) =>
        one.Count == other.Count && one.All(member => other.TryGetValue(member.Key, out var text) && text == member.Value);

    private static DiagnosticInfo At(DiagnosticDescriptor descriptor, PlaceInfo? place, params string[] arguments) =>
        new(descriptor, place, arguments.ToEquatable());

    private static string Short(string fullName) => fullName.Substring(fullName.LastIndexOfAny(['.', ':']) + 1);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
