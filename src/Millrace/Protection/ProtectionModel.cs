using System.Collections.Frozen;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>The marked members of all event types, documents and messages. Immutable.</summary>
internal sealed class ProtectionModel
{
    /// <summary>The mark of copies that Millrace itself stores, such as the command of a timer.</summary>
    public static ProtectedMember Derived(string path) => new(path)
    {
        IsSecret = true,
        Kind = KeyOwner.DerivedKind,
        ErasedJson = "null",
    };

    private static readonly (string Type, string[] Paths)[] PlatformTypes =
    [
        (PlatformEvents.TimerSet, ["/body"]),
        (PlatformEvents.TimerEdited, ["/body"]),
        (PlatformEvents.TimerHeld, ["/reason"]),
        (PlatformEvents.TimerRefused, ["/reason"]),
        (PlatformEvents.ScheduleFailed, ["/reason"]),
        (PlatformEvents.MessageHeld, ["/data", "/data_base64", "/millraceheaders", "/millraceproblem"]),
        (ProcessEvents.AttemptFailed, ["/reason"]),
        (ProcessEvents.StepFailed, ["/reason"]),
        (ProcessEvents.Held, ["/reason"]),
        (ProcessEvents.CompensationAttemptFailed, ["/reason"]),
        (ProcessEvents.CompensationFailed, ["/reason"]),
    ];

    // The collections of Millrace itself. Unlike read models, they have no version in their name.
    private static readonly FrozenDictionary<string, MarkNode> PlatformCollections = Trees(
        new Dictionary<string, IReadOnlyList<ProtectedMember>>(),
        [("snapshots", ["/state"]), ("timers", ["/body", "/error"]), ("schedules", ["/error"])]);

    private static readonly MarkNode ProcessRecords = MarkNode.Of([Derived("/reason")]);

    private readonly FrozenDictionary<string, MarkNode> _events;
    private readonly FrozenDictionary<string, MarkNode> _readModels;
    private readonly FrozenDictionary<Type, MarkNode> _messages;

    public ProtectionModel(
        IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> events,
        IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> readModels,
        IReadOnlyDictionary<Type, IReadOnlyList<ProtectedMember>>? messages = null)
    {
        Events = events;
        ReadModels = readModels;
        Messages = (messages ?? FrozenDictionary<Type, IReadOnlyList<ProtectedMember>>.Empty).ToFrozenDictionary(
            static pair => pair.Key, static pair => (IReadOnlyList<ProtectedMember>)[.. pair.Value.Select(WithKey)]);
        _messages = Messages.ToFrozenDictionary(static pair => pair.Key, static pair => MarkNode.Of(pair.Value));
        _events = Trees(events, PlatformTypes);
        _readModels = Trees(
            readModels
                .GroupBy(pair => CollectionName.NameOf(pair.Key), StringComparer.Ordinal)
                .ToDictionary(
                    group => group.Key,
                    group => (IReadOnlyList<ProtectedMember>)[.. group.SelectMany(pair => pair.Value)],
                    StringComparer.Ordinal),
            []);
    }

    /// <summary>Gets a model whose application marks no members.</summary>
    public static ProtectionModel Empty { get; } = new(
        new Dictionary<string, IReadOnlyList<ProtectedMember>>(),
        new Dictionary<string, IReadOnlyList<ProtectedMember>>());

    /// <summary>Gets whether the application marks any member. If not, no value is encrypted.</summary>
    public bool HasMarks => Events.Count + ReadModels.Count + Messages.Count > 0;

    /// <summary>Gets whether the application needs keys, for marked members or for claims.</summary>
    public bool NeedsKeys => HasMarks || Claims.Count > 0;

    /// <summary>Gets whether the application marks secrets, which belong to no data subject.</summary>
    public bool HasSecrets =>
        Events.Values.Concat(ReadModels.Values).Any(members => members.Any(member => member.IsSecret));

    /// <summary>Gets the marked members of each event type of the application.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> Events { get; }

    /// <summary>Gets the marked members of each read model of the application, by its name and version.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> ReadModels { get; }

    /// <summary>Gets the marked members of commands, queries and their answers, by CLR type.</summary>
    public IReadOnlyDictionary<Type, IReadOnlyList<ProtectedMember>> Messages { get; }

    /// <summary>Returns the marked members of the answer of a command.</summary>
    public IReadOnlyList<ProtectedMember> MembersOfAnswer(Type result) =>
        Messages.GetValueOrDefault(Nullable.GetUnderlyingType(result) ?? result, []);

    /// <summary>
    /// Returns the marked members of a command, a query or an answer; null if there are none. A derived type without
    /// own marks has those of the type that it derives from.
    /// </summary>
    public MarkNode? OfMessage(Type type)
    {
        for (var level = Nullable.GetUnderlyingType(type) ?? type; level is not null; level = level.BaseType)
        {
            if (_messages.TryGetValue(level, out var marks))
                return marks;
        }
        return null;
    }

    /// <summary>Returns the marked members of an event type; null if there are none.</summary>
    public MarkNode? OfEvent(string type) => _events.GetValueOrDefault(type);

    /// <summary>Returns the marked members of the documents of a collection; null if there are none.</summary>
    /// <param name="collection">The name of the collection, without the prefix of a tenant.</param>
    public MarkNode? OfCollection(string collection) =>
        collection.Contains('@', StringComparison.Ordinal)
            ? _readModels.GetValueOrDefault(CollectionName.NameOf(collection))
        : collection.StartsWith("process-", StringComparison.Ordinal) ? ProcessRecords
        : PlatformCollections.GetValueOrDefault(collection);

    /// <summary>Gets the scopes of claims whose values are stored as hashes.</summary>
    public IReadOnlyDictionary<string, ProtectedScope> Claims { get; init; } =
        FrozenDictionary<string, ProtectedScope>.Empty;

    /// <summary>Gets the categories whose streams have the data of the subject that their first event names.</summary>
    public IReadOnlySet<string> CategoriesOfOneSubject { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Gets the indexed fields whose columns contain hashes.</summary>
    public BlindFields BlindFields { get; init; } = BlindFields.None;

    /// <summary>
    /// Returns whether the documents of a collection, without the prefix of a tenant, are encrypted as a whole. The
    /// bodies of large messages are not always JSON.
    /// </summary>
    public static bool IsEncryptedWhole(string collection) => collection == "message-bodies";

    /// <summary>Personal data in a message without a subject is encrypted with a key of the tenant.</summary>
    private static ProtectedMember WithKey(ProtectedMember member) =>
        member.IsSecret || member.Subject is not null
            ? member
            : Derived(member.Path) with { ErasedJson = member.ErasedJson };

    private static FrozenDictionary<string, MarkNode> Trees(
        IReadOnlyDictionary<string, IReadOnlyList<ProtectedMember>> declared,
        (string Name, string[] Paths)[] platform) =>
        declared
            .Select(pair => (Name: pair.Key, Node: MarkNode.Of(pair.Value)))
            .Concat(platform.Select(entry => (entry.Name, Node: MarkNode.Of(entry.Paths.Select(Derived)))))
            .ToFrozenDictionary(pair => pair.Name, pair => pair.Node, StringComparer.Ordinal);
}
