using System.Globalization;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Events;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Upcasts;

/// <summary>
/// Checks that exactly one path of upcasters leads from every stored shape to the newest version, without a cycle.
/// </summary>
internal sealed class UpcastCheck
{
    private const int MaxListed = 10;

    private readonly ModelParts _parts;
    private readonly List<UpcastModel> _upcasts;
    private readonly Dictionary<string, UpcastModel> _upcastsByName;
    private readonly HashSet<string> _known;

    private UpcastCheck(ModelParts parts)
    {
        _parts = parts;
        _upcasts = [.. parts.Upcasts.Where(upcast => upcast.Second is null)];
        _upcastsByName = _upcasts.GroupBy(upcast => upcast.From.Id, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        _known = [.. parts.Events.Select(found => Id(found.Name, found.Version)), .. _upcastsByName.Keys];
    }

    public static IEnumerable<DiagnosticInfo> Problems(ModelParts parts)
    {
        var check = new UpcastCheck(parts);
        return check
            .Paths()
            .Concat(check.Gaps())
            .Concat(check.OldShapesHandled())
            .Concat(check.Names())
            .Concat(check.Merges());
    }

    private IEnumerable<DiagnosticInfo> Paths()
    {
        foreach (var upcast in _upcasts)
        {
            if (_upcastsByName[upcast.From.Id] != upcast)
                yield return At(
                    UpcastDiagnostics.Twice,
                    upcast.Location,
                    upcast.From.ToString(),
                    NameOf(_upcastsByName[upcast.From.Id].Method));
            else if (upcast.Results.Any(result => IsDowngrade(upcast.From, result)) || IsCyclic(upcast))
                yield return At(
                    UpcastDiagnostics.Cycle, upcast.Location, NameOf(upcast.Method), upcast.From.ToString());
            else if (upcast.To > 0 && !_known.Contains(Id(upcast.From.Name, upcast.To)))
                yield return At(
                    UpcastDiagnostics.Nowhere,
                    upcast.Location,
                    NameOf(upcast.Method),
                    upcast.From.Name,
                    Text(upcast.To));
        }
    }

    private IEnumerable<DiagnosticInfo> Gaps()
    {
        foreach (var name in _parts.Events.GroupBy(found => found.Name, StringComparer.Ordinal))
        {
            var newest = name.OrderByDescending(found => found.Version).First();
            foreach (var old in name.Where(found =>
                    found.Version < newest.Version && !_upcastsByName.ContainsKey(Id(found.Name, found.Version))))
            {
                yield return At(
                    UpcastDiagnostics.Missing,
                    old.Location,
                    NameOf(old.FullName),
                    old.Name,
                    Text(old.Version),
                    NameOf(newest.FullName));
            }
            // A version may be a date, so only the first missing versions are listed.
            var missing = Enumerable
                .Range(1, newest.Version - 1)
                .Where(version => !_known.Contains(Id(newest.Name, version)))
                .Take(MaxListed + 1)
                .Select(Text)
                .ToList();
            if (missing.Count > MaxListed)
                missing[MaxListed] = "…";
            if (missing.Count > 0)
                yield return At(
                    UpcastDiagnostics.VersionMissing,
                    newest.Location,
                    newest.Name,
                    Text(newest.Version),
                    string.Join(", ", missing));
        }
    }

    /// <summary>Reports methods for shapes that handlers never receive.</summary>
    private IEnumerable<DiagnosticInfo> OldShapesHandled()
    {
        var old = _upcasts.Where(upcast => upcast.From.Type is not null)
            .GroupBy(upcast => upcast.From.Type!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        foreach (var aggregate in _parts.Aggregates)
        {
            foreach (var type in aggregate.Events.Where(old.ContainsKey))
                yield return Handled(aggregate.Location, aggregate.Type.Name, "When", type, old[type]);
        }
        foreach (var projection in _parts.Projections)
        {
            foreach (var fold in projection.Folds.Where(fold => old.ContainsKey(fold.Event)))
                yield return Handled(projection.Location, projection.Type.Name, "Apply", fold.Event, old[fold.Event]);
        }
    }

    /// <summary>
    /// Checks that an event is part of only one merge, so that it can be read in only one way. The result of a merge
    /// must not be merged again.
    /// </summary>
    private IEnumerable<DiagnosticInfo> Merges()
    {
        var merges = _parts.Upcasts.Where(upcast => upcast.Second is not null).ToList();
        var mergeOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var merge in merges)
        {
            foreach (var key in new[] { merge.From, merge.Second! }) // A merge has a second event.
            {
                if (mergeOf.TryGetValue(key.Id, out var other))
                    yield return At(UpcastDiagnostics.Twice, merge.Location, key.ToString(), other);
                mergeOf[key.Id] = NameOf(merge.Method);
            }
        }
        foreach (var merge in merges.Where(merge => merge.Into.Any(result => mergeOf.ContainsKey(result.Id))))
            yield return At(UpcastDiagnostics.Cycle, merge.Location, NameOf(merge.Method), merge.From.ToString());
    }

    private IEnumerable<DiagnosticInfo> Names()
    {
        var names = new HashSet<string>(_parts.Events.Select(found => found.Name), StringComparer.Ordinal);
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var found in _parts.Events)
        {
            foreach (var former in found.Formerly)
            {
                if (EventParser.NameProblem(former) is { } problem)
                    yield return At(UpcastDiagnostics.FormerName, found.Location, former, found.Name, problem);
                else if (names.Contains(former))
                    yield return At(
                        UpcastDiagnostics.FormerName, found.Location, former, found.Name, "an event has this name now");
                else if (owners.TryGetValue(former, out var owner) && owner != found.Name)
                    yield return At(
                        UpcastDiagnostics.FormerName, found.Location, former, found.Name, $"'{owner}' had it as well");
                owners[former] = found.Name;
            }
            if (found.ReadableBy != 0 && (found.ReadableBy < 1 || found.ReadableBy >= found.Version))
                yield return At(
                    UpcastDiagnostics.ReadableBy,
                    found.Location,
                    NameOf(found.FullName),
                    Text(found.ReadableBy),
                    Text(found.Version));
        }
    }

    private bool IsCyclic(UpcastModel upcast)
    {
        var visited = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<string>(upcast.Results.Select(result => result.Id));
        while (pending.Count > 0)
        {
            var id = pending.Pop();
            if (id == upcast.From.Id)
                return true;
            if (!visited.Add(id) || !_upcastsByName.TryGetValue(id, out var next))
                continue;
            foreach (var result in next.Results)
                pending.Push(result.Id);
        }
        return false;
    }

    private static bool IsDowngrade(ShapeKey from, ShapeKey result) =>
        from.Name == result.Name && result.Version <= from.Version;

    private static DiagnosticInfo Handled(
        LocationInfo? location, string owner, string method, string type, UpcastModel upcast) =>
        At(
            UpcastDiagnostics.OldVersionHandled,
            location,
            method,
            owner,
            NameOf(type),
            string.Join(", ", upcast.Into.Select(key => NameOf(key.Type ?? key.Name))));

    private static DiagnosticInfo At(
        DiagnosticDescriptor descriptor, LocationInfo? location, params string[] arguments) =>
        new(descriptor, location, arguments.ToEquatable());

    private static string Id(string name, int version) => $"{name}@{version}";

    private static string NameOf(string fullName) => fullName.Substring(fullName.LastIndexOfAny(['.', ':']) + 1);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
