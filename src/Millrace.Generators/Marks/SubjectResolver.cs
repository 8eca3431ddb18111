using Millrace.Generators.Aggregates;
using Millrace.Generators.Json;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>Finds the data subjects of marked members.</summary>
internal sealed class SubjectResolver(ModelParts parts, List<DiagnosticInfo> problems)
{
    private static readonly HashSet<string> IdPrimitives = new(StringComparer.Ordinal)
    {
        "String",
        "Guid",
        "Byte",
        "SByte",
        "Int16",
        "UInt16",
        "Int32",
        "UInt32",
        "Int64",
        "UInt64",
    };

    /// <summary>Returns the mark with its subject, or null after a problem.</summary>
    public ResolvedMark? Resolve(MarkedMember found, MarkedRole role)
    {
        var resolved = new ResolvedMark(found.Path, found.Mark);
        if (found.Mark.IsSecret)
            return resolved;
        if (found.Mark.Subject is not { } name)
        {
            if (found.Mark.SubjectType is not null)
                return Fail(found, "SubjectType requires Subject, the name of the member with the id of the subject");
            return role is MarkedRole.Document or MarkedRole.Answer
                ? Fail(
                    found,
                    $"{(role == MarkedRole.Document ? "a document" : "the answer of a command")} has no stream, so "
                        + "name the member with the id of the subject: Subject = nameof(...)")
                : resolved;
        }
        if (found.Owner.Members.FirstOrDefault(member => member.Name == name) is not { } subject)
            return Fail(found, $"the type has no stored member '{name}'");
        if (subject.Mark is { } mark)
        {
            problems.Add(MarkResolver.Problem(
                MarkDiagnostics.StoredPlain,
                mark.Member,
                mark.Member.Name,
                MarkResolver.ShortName(mark.Member.Type),
                MarkResolver.AttributeOf(mark),
                $"it is the data subject of '{found.Member.Name}'",
                "remove the mark, and use an id that reveals nothing"));
            return null;
        }
        if (Problem(subject, found.Member) is { } problem)
            return Fail(found, problem);
        var path = found.OwnerPath + "/" + JsonPointer.Segment(subject.JsonName);
        return TypeOf(found, subject) is { } type ? resolved with { Subject = path, SubjectType = type } : null;
    }

    private static string? Problem(JsonMember subject, JsonMember marked)
    {
        var type = Inner(subject.Type);
        var isId = type.Form switch
        {
            JsonShapeKind.Primitive or JsonShapeKind.Wrapper => IdPrimitives.Contains(type.Primitive!.Name),
            JsonShapeKind.Custom => true, // Its JSON is known only at run time.
            _ => false,
        };
        if (!isId)
            return $"'{subject.Name}' must be an id, a text, a Guid or an integer";
        return (subject.Type.AllowsNull || subject.LeavesOutDefault) && !marked.Type.AllowsNull
            ? $"'{subject.Name}' may be missing, and '{marked.Name}' must have a value: make both nullable, or neither"
            : null;
    }

    private string? TypeOf(MarkedMember found, JsonMember subject)
    {
        if (found.Mark.SubjectType is { } given)
        {
            if (given.Length > 0 && !AggregateParser.IsInvalidCategory(given))
                return given;
            problems.Add(MarkResolver.Problem(
                MarkDiagnostics.Name,
                found.Mark.Member,
                "subject type",
                given,
                found.Mark.Member.Name,
                "use the category of a stream, such as customer"));
            return null;
        }
        var id = Inner(subject.Type);
        var categories = id.Form != JsonShapeKind.Wrapper ? [] : parts.Aggregates
            .Where(aggregate => aggregate.Id == id.Name)
            .Select(aggregate => aggregate.Category)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (categories.Count == 1)
            return categories[0];
        Fail(
            found,
            categories.Count == 0
                ? $"no aggregate of the model has the type of '{subject.Name}' as its id: set SubjectType, such as "
                    + "\"customer\""
                : $"the aggregates {string.Join(", ", categories)} have the type of '{subject.Name}' as their id: set "
                    + "SubjectType to one of them");
        return null;
    }

    private ResolvedMark? Fail(MarkedMember found, string problem)
    {
        var member = found.Mark.Member;
        problems.Add(MarkResolver.Problem(
            MarkDiagnostics.Subject, member, member.Name, MarkResolver.ShortName(member.Type), problem));
        return null;
    }

    private static JsonType Inner(JsonType type) =>
        type.Form == JsonShapeKind.Nullable ? type.Item! : type; // A nullable has an item.
}
