using System.Globalization;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Events;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Contracts;

/// <summary>Compares the shapes of the current events with the stored shapes.</summary>
internal static class ContractCheck
{
    /// <summary>
    /// Returns the contract after all changes are accepted. It contains the current shapes, and the stored shapes that
    /// the program still reads as JSON or under a former name.
    /// </summary>
    private static ContractFile Accepted(ModelParts parts, ContractFile? stored)
    {
        var contract = ContractFile.Empty(stored?.Mode ?? ContractFile.DefaultMode);
        foreach (var found in parts.Events)
            contract.Add(found.Name, found.Version, MembersOf(found));
        if (stored is null)
            return contract;
        var readers = new ShapeReaders(parts);
        foreach (var (name, version, members) in stored.All().ToList())
        {
            if (contract.Find(name, version) is null && readers.CanRead(name, version))
                contract.Add(name, version, members.Select(member => (member.Key, member.Value)));
        }
        return contract;
    }

    /// <summary>
    /// Returns the contract after all changes are accepted. The text of the stored file may be missing or invalid.
    /// </summary>
    public static ContractFile Accepted(ModelParts parts, string? text)
    {
        try
        {
            return Accepted(parts, text is null ? null : ContractFile.Parse(text));
        }
        catch (FormatException)
        {
            return Accepted(parts, stored: null); // The error is reported elsewhere.
        }
    }

    public static IEnumerable<DiagnosticInfo> Problems(ModelParts parts, string? text, LocationInfo? model)
    {
        if (text is null)
            return ReadableByProblems(parts, null);
        ContractFile stored;
        try
        {
            stored = ContractFile.Parse(text);
        }
        catch (FormatException exception)
        {
            return [new(ContractDiagnostics.Unreadable, model, new[] { exception.Message }.ToEquatable())];
        }
        return stored.Mode == "none"
            ? Missing(parts, stored)
            : ReadableByProblems(parts, stored).Concat(Changed(parts, stored)).Concat(Missing(parts, stored))
                .Concat(Removed(parts, stored, model)).Concat(Forward(parts, stored));
    }

    private static IEnumerable<DiagnosticInfo> Changed(ModelParts parts, ContractFile stored) =>
        from found in parts.Events
        from name in found.Formerly.Prepend(found.Name)
        let before = stored.Find(name, found.Version)
        where before is not null
        let problems = BackwardComparison(stored).Problems(ShapeOf(found), before).ToList()
        where problems.Count > 0
        select At(
            ContractDiagnostics.Broken,
            found.Location,
            NameOf(found.FullName),
            name,
            Text(found.Version),
            string.Join("; ", problems),
            Text(found.Version + 1)) with
        {
            Detail = string.Join(
                "\n", before.Select(member => $"{member.Key}\t{IsBroken(member.Key, problems)}\t{member.Value}")),
        };

    /// <summary>Returns true if a problem, which starts with a path, is about this member.</summary>
    private static bool IsBroken(string member, List<string> problems)
    {
        var quotedName = "'" + ShapeName.Parse(member).Name;
        return problems.Exists(problem =>
            problem.StartsWith(quotedName, StringComparison.Ordinal)
                && problem[quotedName.Length] is '\'' or '.' or '[');
    }

    private static ShapeComparison BackwardComparison(ContractFile stored) =>
        new(mayDrop: false, stored.FlagsMayBeTexts);

    private static IEnumerable<DiagnosticInfo> Missing(ModelParts parts, ContractFile stored) =>
        from found in parts.Events
        let before = stored.Find(found.Name, found.Version)
        where before is null || !IsSame(before, ShapeOf(found))
        where before is null || stored.Mode == "none"
            || !BackwardComparison(stored).Problems(ShapeOf(found), before).Any()
        select At(
            ContractDiagnostics.Incomplete,
            found.Location,
            NameOf(found.FullName),
            found.Name,
            Text(found.Version)) with
        {
            Detail = string.Join(
                "\n",
                MembersOf(found)
                    .Prepend((found.Name, Text(found.Version)))
                    .Select(pair => $"{pair.Item1}\t{pair.Item2}")),
        };

    /// <summary>Reports stored versions that no code reads.</summary>
    private static IEnumerable<DiagnosticInfo> Removed(ModelParts parts, ContractFile stored, LocationInfo? model)
    {
        var readers = new ShapeReaders(parts);
        return
            from shape in stored.All()
            where !readers.CanRead(shape.Name, shape.Version)
            select At(ContractDiagnostics.Removed, model, shape.Name, Text(shape.Version));
    }

    /// <summary>
    /// Reports events whose newest version cannot be read by programs that know an older version, or that know the
    /// accepted shape of the same version. Only the forward and full modes require this.
    /// </summary>
    private static IEnumerable<DiagnosticInfo> Forward(ModelParts parts, ContractFile stored)
    {
        if (!stored.Mode.StartsWith("f", StringComparison.Ordinal))
            return [];
        var isTransitive = stored.Mode.EndsWith("-transitive", StringComparison.Ordinal);
        return
            from found in Newest(parts)
            where stored.Events.ContainsKey(found.Name)
            let known = stored
                .Events[found.Name]
                .Where(version => version.Key <= found.Version)
                .OrderByDescending(version => version.Key)
            let older = known.Where(version => version.Key < found.Version)
            from version in known.Where(same => same.Key == found.Version)
                .Concat(isTransitive ? older : older.Take(1))
            let comparison = new ShapeComparison(mayDrop: true, stored.FlagsMayBeTexts)
            let problems = comparison.Problems(version.Value, ShapeOf(found)).ToList()
            where problems.Count > 0
            select ForwardProblem(found, version.Key, problems);
    }

    /// <summary>
    /// Checks that programs with the version in <c>ReadableBy</c>, or a later one, can read an event. The shapes of
    /// deleted records are in the file.
    /// </summary>
    private static IEnumerable<DiagnosticInfo> ReadableByProblems(ModelParts parts, ContractFile? stored)
    {
        var comparison = new ShapeComparison(mayDrop: true, stored?.FlagsMayBeTexts == true);
        return
            from found in parts.Events
            where found.ReadableBy > 0
            from older in KnownShapes(parts, stored, found.Name)
            where older.Version >= found.ReadableBy && older.Version < found.Version
            let problems = comparison.Problems(older.Shape, ShapeOf(found)).ToList()
            where problems.Count > 0
            select ForwardProblem(found, older.Version, problems);
    }

    /// <summary>
    /// Returns the shapes of the versions of an event. The shape of a record takes precedence over the shape in the
    /// file.
    /// </summary>
    private static IEnumerable<(int Version, IReadOnlyDictionary<string, string> Shape)> KnownShapes(
        ModelParts parts, ContractFile? stored, string name)
    {
        var shapes = new SortedDictionary<int, IReadOnlyDictionary<string, string>>();
        foreach (var found in parts.Events.Where(found => found.Name == name))
            shapes[found.Version] = ShapeOf(found);
        foreach (var (_, version, members) in stored?.All().Where(shape => shape.Name == name) ?? [])
        {
            if (!shapes.ContainsKey(version))
                shapes[version] = members;
        }
        return shapes.Select(shape => (shape.Key, shape.Value));
    }

    private static DiagnosticInfo ForwardProblem(EventModel found, int version, List<string> problems) => At(
        ContractDiagnostics.Forward,
        found.Location,
        $"version {Text(version)} {(version == found.Version ? "as it was accepted" : "alone")}",
        NameOf(found.FullName),
        string.Join("; ", problems));

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

    private static bool IsSame(IReadOnlyDictionary<string, string> left, SortedDictionary<string, string> right) =>
        left.Count == right.Count
        && left.All(member => right.TryGetValue(member.Key, out var text) && text == member.Value);

    private static DiagnosticInfo At(
        DiagnosticDescriptor descriptor, LocationInfo? location, params string[] arguments) =>
        new(descriptor, location, arguments.ToEquatable());

    private static string NameOf(string fullName) => fullName.Substring(fullName.LastIndexOfAny(['.', ':']) + 1);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
