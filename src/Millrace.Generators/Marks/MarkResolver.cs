using Millrace.Generators.Json;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>Finds the marked members of a model, with their data subjects and erased values.</summary>
internal sealed class MarkResolver
{
    private readonly SubjectResolver _subjects;
    private readonly List<DiagnosticInfo> _problems = [];

    private MarkResolver(ModelParts parts)
    {
        _subjects = new SubjectResolver(parts, _problems);
        Events = Resolve(
            parts.Events.GroupBy(found => found.Name, found => found.Json, StringComparer.Ordinal), MarkedRole.Event);
        ReadModels = Resolve(
            parts.Projections.GroupBy(found => found.Name, found => found.Json, StringComparer.Ordinal),
            MarkedRole.Document);
        Messages = ResolveMessages(parts);
    }

    /// <summary>Gets the marked members by the stored name of the event type.</summary>
    public IReadOnlyList<MarkedType> Events { get; }

    /// <summary>Gets the marked members by the name of the projection.</summary>
    public IReadOnlyList<MarkedType> ReadModels { get; }

    /// <summary>Gets the marked members of commands, queries and answers, by the full name of the type.</summary>
    public IReadOnlyList<MarkedType> Messages { get; }

    public IReadOnlyList<DiagnosticInfo> Problems => _problems;

    public static MarkResolver Resolve(ModelParts parts) => new(parts);

    private List<MarkedType> ResolveMessages(ModelParts parts)
    {
        var answers = parts.Handlers.Where(found => !found.IsQuery).Select(found => (found.Result, found.ResultJson));
        var others = parts.Handlers.Where(found => found.IsQuery).Select(found => (found.Result, found.ResultJson))
            .Concat(parts.Handlers.Select(found => (found.Message, found.Json)))
            // A service that only sends a request encrypts it too.
            .Concat(parts.Requests.SelectMany(found =>
                new[] { (found.Message, found.Json), (found.Result, found.ResultJson) }));
        var resolved = Resolve(ByType(answers), MarkedRole.Answer);
        var known = new HashSet<string>(resolved.Select(type => type.Name), StringComparer.Ordinal);
        resolved.AddRange(Resolve(ByType(others).Where(type => !known.Contains(type.Key)), MarkedRole.Message));
        return resolved;
    }

    private static IEnumerable<IGrouping<string, JsonGraph>> ByType(
        IEnumerable<(string Type, JsonGraph Json)> types) =>
        types
            .GroupBy(found => found.Type.TrimEnd('?'), found => found.Json, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal);

    private List<MarkedType> Resolve(IEnumerable<IGrouping<string, JsonGraph>> types, MarkedRole role)
    {
        var marked = new List<MarkedType>();
        foreach (var type in types)
        {
            var members = Resolve(type.Key, [.. type], role);
            if (members.Count > 0)
                marked.Add(new(type.Key, members));
        }
        return marked;
    }

    /// <summary>Returns the marked members of all versions of an event type or of a read model.</summary>
    private List<ResolvedMark> Resolve(string name, IReadOnlyList<JsonGraph> versions, MarkedRole role)
    {
        var members = new List<ResolvedMark>();
        foreach (var found in versions.SelectMany(MarkedMemberFinder.Find))
        {
            if (!IsValid(found, role) || _subjects.Resolve(found, role) is not { } resolved)
                continue;
            var other = members.Find(member => member.Path == resolved.Path);
            if (other is null && WithErasedValue(name, found, resolved, versions, role) is { } complete)
                members.Add(complete);
            else if (other?.HasSameKeyAs(resolved) == false)
                Report(
                    MarkDiagnostics.Ambiguous,
                    found,
                    $"'{NameOf(other.Mark.Member)}' marks the path {resolved.Path} of '{name}' in another way");
        }
        return members;
    }

    private bool IsValid(MarkedMember found, MarkedRole role)
    {
        var problemCount = _problems.Count;
        var mark = found.Mark;
        if (mark.IsPersonal && mark.IsSecret)
            Report(MarkDiagnostics.Ambiguous, found, "it has [PersonalData] and [Secret]: remove one of them");
        if (found.IsRecursive)
            Report(
                MarkDiagnostics.Ambiguous,
                found,
                "its type can contain itself, so its path has no fixed length: mark the outermost member of the type");
        if (found.Member.JsonName.All(char.IsDigit) || found.Member.JsonName == "*")
            Report(
                MarkDiagnostics.Ambiguous,
                found,
                $"its name in JSON, '{found.Member.JsonName}', is not distinct from the index of an item: rename it");
        if (found.OwnerPath.Length == 0 && role == MarkedRole.Event && mark.IsTag)
            Report(
                MarkDiagnostics.StoredPlain,
                found,
                AttributeOf(mark),
                "it is also [Tag]",
                "remove [Tag], or the mark");
        if (mark.Kind.Length is 0 or > 50 || !mark.Kind.All(IsKindCharacter))
            _problems.Add(Problem(
                MarkDiagnostics.Name,
                mark.Member,
                "kind",
                mark.Kind,
                mark.Member.Name,
                "use from 1 to 50 lower-case letters, digits and dashes, such as contact"));
        return _problems.Count == problemCount;
    }

    /// <summary>
    /// Adds the erased value, which the types of the member in all versions and in all derived types can read.
    /// </summary>
    private ResolvedMark? WithErasedValue(
        string name,
        MarkedMember found,
        ResolvedMark resolved,
        IReadOnlyList<JsonGraph> versions,
        MarkedRole role)
    {
        var (type, text) = (found.Member.Type, found.Mark.ErasedText);
        var values = ErasedValues.Of(type, text);
        if (values.Count == 0 && role != MarkedRole.Message)
        {
            var canHaveText = found.Mark.IsPersonal && type is
            {
                Form: JsonShapeKind.Wrapper,
                Primitive.Name: "String",
            };
            Report(
                MarkDiagnostics.NotErasable,
                found,
                Readable(type.Name),
                canHaveText
                    ? "make it nullable, or set ErasedText to a text that the rule of the type accepts"
                    : "make it nullable");
            return null;
        }
        var others = versions.SelectMany(version => MarkedMemberFinder.MembersAt(version, found.Path)).ToList();
        var common = values.FirstOrDefault(value =>
            others.TrueForAll(other => ErasedValues.Of(other.Type, text).Contains(value)));
        if (common is null && role == MarkedRole.Message)
            return resolved with { ErasedJson = "null" };
        if (common is null)
        {
            Report(
                MarkDiagnostics.Ambiguous,
                found,
                $"its types in the versions or derived types of '{name}' have no common value after erasure: make it "
                    + "nullable in each");
            return null;
        }
        var isChecked = common != "null" && ErasedValues.IsCheckedText(type, text);
        return resolved with
        {
            ErasedJson = common,
            CheckedType = isChecked ? (type.Form == JsonShapeKind.Nullable ? type.Item! : type).Name : null,
        };
    }

    private void Report(
        Microsoft.CodeAnalysis.DiagnosticDescriptor descriptor, MarkedMember found, params string[] arguments) =>
        _problems.Add(Problem(
            descriptor, found.Mark.Member, [found.Mark.Member.Name, ShortName(found.Mark.Member.Type), .. arguments]));

    public static DiagnosticInfo Problem(
        Microsoft.CodeAnalysis.DiagnosticDescriptor descriptor, MemberName member, params string[] arguments) =>
        new(descriptor, null, arguments.ToEquatable()) { Member = member };

    public static string AttributeOf(MemberMark mark) => mark.IsPersonal ? "[PersonalData]" : "[Secret]";

    public static string ShortName(string type) => type.Substring(type.LastIndexOfAny(['.', '+', ':']) + 1);

    private static string NameOf(MemberName member) => $"{ShortName(member.Type)}.{member.Name}";

    private static string Readable(string type) => type.Contains('<') ? type.Replace("global::", "") : ShortName(type);

    private static bool IsKindCharacter(char character) =>
        character is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-';
}
