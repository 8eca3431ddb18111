using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>
/// The diagnostics of values, events, JSON, aggregates, deciders and models. Each message names the mistake and the
/// fix. Each diagnostic has a page under <c>docs/reference/diagnostics</c>.
/// </summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        DiagnosticIds.NotPartial,
        "Make the type partial",
        "'{0}' must be partial, with all types around it, so that its {1} can be generated: add 'partial', or write "
            + "{1} by hand");

    public static readonly DiagnosticDescriptor ValueShape = Error(
        DiagnosticIds.ValueShape,
        "An id or value must be a readonly partial record struct",
        "[{0}] needs a 'readonly partial record struct' that declares no fields, properties or type parameters: "
            + "declare 'public readonly partial record struct {1}'");

    public static readonly DiagnosticDescriptor IdType = Error(
        DiagnosticIds.IdType,
        "An id must be a Guid, string, int or long",
        "'{0}' cannot be an id of type '{1}': use [Id<Guid>], [Id<string>], [Id<int>] or [Id<long>]");

    public static readonly DiagnosticDescriptor ValueType = Error(
        DiagnosticIds.ValueType,
        "A value type wraps a text, number, date or Guid",
        "'{0}' cannot be a value over '{1}': use a text, a number, a date, a time or a Guid, or write a record with a "
            + "checking constructor");

    public static readonly DiagnosticDescriptor ValueProblem = Error(
        DiagnosticIds.ValueProblem,
        "A value must define its rule",
        "'{0}' has no rule: add 'private static string? Problem({1} value)' that returns what is wrong with a value, "
            + "or null when it is valid");

    public static readonly DiagnosticDescriptor EventName = Error(
        DiagnosticIds.EventName,
        "The stored name of an event is not allowed",
        "The event name '{0}' is not allowed: {1}");

    public static readonly DiagnosticDescriptor EventTwice = Error(
        DiagnosticIds.EventTwice,
        "Two events have the same stored name and version",
        "'{0}' and '{1}' are both stored as '{2}' version {3}: change the name or version of one of them");

    public static readonly DiagnosticDescriptor EventShape = Error(
        DiagnosticIds.EventShape,
        "An event must be a type that can be created",
        "'{0}' cannot be an event: make it a record that is not abstract, generic, private or local to a file");

    public static readonly DiagnosticDescriptor TagMember = Error(
        DiagnosticIds.TagMember,
        "A tag must be a text, number, date, id, value or enumeration",
        "The member '{0}' of '{1}' cannot be a tag: mark a text, number, date, id, value or enumeration, or a "
            + "collection of these, and name the tag without a colon");

    public static readonly DiagnosticDescriptor EventVersion = Error(
        DiagnosticIds.EventVersion,
        "The version of an event starts at 1",
        "The version of '{0}' is less than 1: versions of an event start at 1");

    public static readonly DiagnosticDescriptor JsonUnsupported = Error(
        DiagnosticIds.JsonUnsupported,
        "A member cannot be written as JSON",
        "'{0}' is a '{1}', which cannot be written as JSON: {2}");

    public static readonly DiagnosticDescriptor JsonConstructor = Error(
        DiagnosticIds.JsonConstructor,
        "A type has no constructor that JSON can use",
        "'{0}' cannot be read from JSON, because no constructor takes only its members: make it a positional record, "
            + "or add a constructor whose parameters have the names and types of its properties");

    public static readonly DiagnosticDescriptor JsonTwice = Error(
        DiagnosticIds.JsonTwice,
        "Two members have the same name in JSON",
        "Two members of '{0}' have the JSON name '{1}': rename one, or give it a [JsonPropertyName]");

    public static readonly DiagnosticDescriptor JsonValueTwice = Error(
        DiagnosticIds.JsonValueTwice,
        "Two values of an enumeration have the same text in JSON",
        "Two values of '{0}' are written as '{1}' in JSON, so one of them would be read as the other: rename one, or "
            + "give it a [JsonStringEnumMemberName]");

    public static readonly DiagnosticDescriptor MemberNotStored = Warning(
        DiagnosticIds.MemberNotStored,
        "A member holds data that is not stored",
        "'{0}' of '{1}' holds data that is neither written nor read, so the data is lost when the object is read "
            + "again: make it a public property with a setter or a constructor parameter, mark it [JsonInclude] to "
            + "keep the setter private, or mark it [JsonIgnore]");

    public static readonly DiagnosticDescriptor StreamShape = Error(
        DiagnosticIds.StreamShape,
        "[Stream] is for aggregates",
        "'{0}' is marked [Stream] but is not an aggregate: derive it from Aggregate<TId>");

    public static readonly DiagnosticDescriptor WhenNoEvent = Error(
        DiagnosticIds.WhenNoEvent,
        "When takes an event",
        "'{0}' is not an event, so '{1}' would never be called with it: mark the record with [Event(\"...\")], or "
            + "remove this When");

    public static readonly DiagnosticDescriptor StreamCategory = Error(
        DiagnosticIds.StreamCategory,
        "The category of a stream is not allowed",
        "The category '{0}' is not allowed: use lower case without white space and without '-', which separates "
            + "category and key");

    public static readonly DiagnosticDescriptor WhenShape = Error(
        DiagnosticIds.WhenShape,
        "When takes one event and returns nothing",
        "A When of '{0}' must be written 'private void When(TheEvent e)'");

    public static readonly DiagnosticDescriptor CategoryTwice = Error(
        DiagnosticIds.CategoryTwice,
        "Two aggregates have the same category",
        "'{0}' and '{1}' both store their streams under '{2}': give one of them another category");

    public static readonly DiagnosticDescriptor NoConstructor = Error(
        DiagnosticIds.NoConstructor,
        "A type needs a constructor without parameters",
        "'{0}' cannot be created: make it a class that is not abstract or generic, with a public or internal "
            + "constructor without parameters, and without required members");

    public static readonly DiagnosticDescriptor SnapshotShape = Error(
        DiagnosticIds.SnapshotShape,
        "[Snapshot] needs ISnapshotable",
        "'{0}' is marked [Snapshot] but does not define its snapshot state: implement ISnapshotable<TState>");

    public static readonly DiagnosticDescriptor StreamId = Error(
        DiagnosticIds.StreamId,
        "The id of an aggregate has a text form",
        "'{0}' cannot be the id of '{1}', because it has no text that identifies its values: use a Guid, a string or "
            + "a number, a type of one value with [Id<Guid>], [Id<string>], [Id<int>] or [Id<long>], or a type that "
            + "implements IKeyText");

    public static readonly DiagnosticDescriptor ModelTwice = Error(
        DiagnosticIds.ModelTwice,
        "An assembly has one model",
        "'{0}' is another [Model] in this assembly: keep one; it contains everything in the assembly");

    public static readonly DiagnosticDescriptor ModelShape = Error(
        DiagnosticIds.ModelShape,
        "A model is a partial class",
        "'{0}' cannot be the model: declare 'public sealed partial class {0}', not static, generic or abstract");

    public static readonly DiagnosticDescriptor ModelUnmarked = Error(
        DiagnosticIds.ModelUnmarked,
        "A model has the [Model] attribute",
        "'{0}' is not a model: mark it with [Model] and make it partial, so that it contains everything in this "
            + "assembly");

    public static readonly DiagnosticDescriptor DeciderShape = Error(
        DiagnosticIds.DeciderShape,
        "A decider is a static class with an initial state",
        "'{0}' cannot be a decider: make it a static class, not generic, with a static 'Initial' that is the state "
            + "before any event");

    public static readonly DiagnosticDescriptor EvolveShape = Error(
        DiagnosticIds.EvolveShape,
        "Evolve takes the state and an event",
        "An Evolve of '{0}' must be written 'static {1} Evolve({1} state, TheEvent e)', with an event marked "
            + "[Event(\"...\")]");

    public static readonly DiagnosticDescriptor DecideShape = Error(
        DiagnosticIds.DecideShape,
        "Decide takes a command and the state, and returns events",
        "A Decide of '{0}' must be written 'static IEnumerable<object> Decide(TheCommand command, {1} state)', with a "
            + "plain ICommand; it may return a single event, and take services");

    public static readonly DiagnosticDescriptor CategoryShared = Error(
        DiagnosticIds.CategoryShared,
        "A category of streams has one owner",
        "'{0}' and '{1}' both store their streams under '{2}', so each would read the other's events: give one of "
            + "them another category");

    public static readonly DiagnosticDescriptor Unmarked = Error(
        DiagnosticIds.Unmarked,
        "An aggregate or projection has its attribute",
        "'{0}' is not part of the model, and nothing is generated for it: mark it with [{1}(\"{2}\")] and make it "
            + "partial");

    /// <summary>Creates the descriptor of an error.</summary>
    public static DiagnosticDescriptor Error(string id, string title, string message) =>
        Of(id, title, message, DiagnosticSeverity.Error);

    /// <summary>Creates the descriptor of a warning.</summary>
    public static DiagnosticDescriptor Warning(string id, string title, string message) =>
        Of(id, title, message, DiagnosticSeverity.Warning);

    /// <summary>Creates the descriptor of a diagnostic, with the page that explains it.</summary>
    public static DiagnosticDescriptor Of(string id, string title, string message, DiagnosticSeverity severity) =>
        new(
            id,
            title,
            message,
            "Millrace",
            severity,
            isEnabledByDefault: true,
            helpLinkUri: $"docs/reference/diagnostics/{id}.md");
}
