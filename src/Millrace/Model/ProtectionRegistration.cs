using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Millrace.Events;
using Millrace.Protection;

namespace Millrace.Model;

/// <summary>Checks the marked members of a model and collects them by type.</summary>
internal static class ProtectionRegistration
{
    public static ProtectionModel Build(ModelBuilder model)
    {
        // Events with a former name have the same members.
        var former =
            from pair in model.FormerNames
            join mark in model.ProtectedEvents on pair.Name equals mark.EventType
            select (pair.Former, mark.Member);
        var readModels =
            from mark in model.ProtectedReadModels
            join projection in model.Projections on mark.ReadModel equals projection.Name
            select (projection.Collection, mark.Member);
        return new ProtectionModel(
            Group(model.ProtectedEvents.Concat(former)), Group(readModels), Group(model.ProtectedMessages))
        {
            BlindFields = BlindFieldFinder.Find(model),
            CategoriesOfOneSubject = model.CategoriesOfOneSubject.ToFrozenSet(StringComparer.Ordinal),
            Claims = model.ProtectedClaims
                .DistinctBy(scope => scope.Name)
                .ToDictionary(scope => scope.Name, StringComparer.Ordinal),
        };
    }

    public static IEnumerable<string> Problems(ModelBuilder model)
    {
        var problems = ProblemsOf("event type", model.ProtectedEvents, mayOmitSubject: true)
            .Concat(ProblemsOf("read model", model.ProtectedReadModels, mayOmitSubject: false))
            .Concat(ProblemsOf("message", NamesOf(model.ProtectedMessages), mayOmitSubject: true))
            .Concat(ProblemsOf(
                "answer",
                NamesOf(model.ProtectedMessages.Where(mark =>
                    model.Commands.Exists(command => command.ResultType == mark.Message))),
                mayOmitSubject: false))
            .Distinct();
        foreach (var problem in problems)
            yield return problem;
        foreach (var type in model.ProtectedEvents.Select(mark => mark.EventType).Distinct())
        {
            if (PlatformEvents.IsReserved(type))
                yield return $"Members of the event type '{type}' cannot be marked: Millrace writes its events.";
        }
        foreach (var scope in model.ProtectedClaims.Distinct())
        {
            if (model.ProtectedClaims.Exists(other => other.Name == scope.Name && other != scope))
                yield return $"The claims of the scope '{scope.Name}' are protected twice, in different ways.";
        }
        foreach (var (name, member) in model.ProtectedReadModels)
        {
            var projection = model.Projections.Find(projection => projection.Name == name);
            if (projection is null)
                yield return $"Members of the read model '{name}' are marked, but no projection has this name.";
            else if (member.Field is { } field && projection.FieldDefinitions.All(known => known.Name != field))
                yield return $"{member.Path} of the read model '{name}' has no indexed field '{field}'.";
        }
    }

    private static Dictionary<TKey, IReadOnlyList<ProtectedMember>> Group<TKey>(
        IEnumerable<(TKey Key, ProtectedMember Member)> marks)
        where TKey : notnull =>
        marks
            .GroupBy(mark => mark.Key, mark => mark.Member)
            .ToDictionary(
                group => group.Key,
                group => (IReadOnlyList<ProtectedMember>)[.. group.DistinctBy(member => member.Path)]);

    private static List<(string Name, ProtectedMember Member)> NamesOf(
        IEnumerable<(Type Message, ProtectedMember Member)> marks) =>
        [.. marks.Select(static mark => (mark.Message.ToString(), mark.Member))];

    private static IEnumerable<string> ProblemsOf(
        string kind, IReadOnlyList<(string Name, ProtectedMember Member)> marks, bool mayOmitSubject)
    {
        foreach (var (name, member) in marks)
        {
            if (Problem(member, mayOmitSubject) is { } problem)
                yield return $"{member.Path} of the {kind} '{name}': {problem}";
            if (marks.Any(mark => mark.Name == name && mark.Member.Path == member.Path && mark.Member != member))
                yield return $"{member.Path} of the {kind} '{name}' is marked twice, in different ways.";
            if (marks.Any(mark => mark.Name == name && mark.Member.Path == member.Subject))
                yield return $"{member.Subject} of the {kind} '{name}' is the id of a subject and cannot be marked.";
        }
    }

    private static string? Problem(ProtectedMember member, bool mayOmitSubject) =>
        !IsPath(member.Path) ? "the path must be a JSON pointer, such as /email, with * for the items of a list."
        : member.Subject is { } subject && !IsPath(subject) ? $"the subject '{subject}' must be a JSON pointer."
        : !IsKind(member.Kind) ? $"the kind '{member.Kind}' must consist of lower-case letters, digits and dashes."
        : !IsJson(member.ErasedJson) ? "the value after erasure must be valid JSON of at most 1,000 bytes."
        : member.IsSecret ? null
        : member.Subject is null ? mayOmitSubject ? null : "set the member with the id of the data subject (Subject)."
        : string.IsNullOrEmpty(member.SubjectType) || member.SubjectType.Contains('-', StringComparison.Ordinal)
            ? "set the type of the data subject (SubjectType), which contains no '-'."
        : CountOfEach(member.Subject) > CountOfEach(member.Path)
            ? $"the subject '{member.Subject}' is in a list that does not contain the member."
        : null;

    private static bool IsPath(string path) =>
        path.Length > 1 && path[0] == '/'
        && MarkNode.SegmentsOf(path).All(segment => segment.Length > 0 && !segment.All(char.IsAsciiDigit));

    private static int CountOfEach(string path) => MarkNode.SegmentsOf(path).Count(segment => segment == "*");

    private static bool IsKind(string kind) =>
        kind.Length is > 0 and <= 50 && kind.All(letter => letter is >= 'a' and <= 'z' or >= '0' and <= '9' or '-');

    private static bool IsJson(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Encoding.UTF8.GetByteCount(json) <= CipherText.MaxErasedBytes;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
