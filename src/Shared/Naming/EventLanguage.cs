namespace Millrace;

/// <summary>The rule that event names use the language of the business, not of the program.</summary>
internal static class EventLanguage
{
    private static readonly HashSet<string> TechnicalEnds =
    [
        "event",
        "events",
        "evt",
        "dto",
        "data",
        "record",
        "message",
        "msg",
        "model",
        "entity",
        "info",
        "object",
        "payload",
        "struct",
        "class",
        "row",
        "item",
        "value",
        "type",
        "impl",
        "domain",
        "fact",
    ];

    private static readonly HashSet<string> Technical =
    [
        "dto",
        "sql",
        "db",
        "database",
        "json",
        "xml",
        "crud",
        "poco",
        "orm",
        "blob",
        "evt",
        "msg",
        "row",
        "hashmap",
        "datatable",
    ];

    private static readonly HashSet<string> DataVerbs =
        ["created", "updated", "deleted", "inserted", "modified", "saved", "persisted", "upserted", "edited", "stored"];

    private static readonly HashSet<string> Changes =
    [
        "updated",
        "modified",
        "edited",
        "upserted",
        "saved",
        "persisted",
        "stored",
    ];

    // The usual words of the business for an entity's start and end.
    private static readonly Dictionary<string, (string Began, string Ended)> Trade = new(StringComparer.Ordinal)
    {
        ["account"] = ("opened", "closed"),
        ["appointment"] = ("scheduled", "cancelled"),
        ["article"] = ("published", "withdrawn"),
        ["basket"] = ("started", "abandoned"),
        ["book"] = ("added", "withdrawn"),
        ["booking"] = ("made", "cancelled"),
        ["cart"] = ("started", "abandoned"),
        ["comment"] = ("posted", "withdrawn"),
        ["company"] = ("founded", "dissolved"),
        ["contract"] = ("signed", "terminated"),
        ["customer"] = ("registered", "deactivated"),
        ["delivery"] = ("scheduled", "cancelled"),
        ["device"] = ("commissioned", "retired"),
        ["document"] = ("drafted", "withdrawn"),
        ["employee"] = ("hired", "dismissed"),
        ["invoice"] = ("issued", "voided"),
        ["issue"] = ("reported", "closed"),
        ["item"] = ("added", "removed"),
        ["loan"] = ("granted", "repaid"),
        ["member"] = ("enrolled", "resigned"),
        ["message"] = ("sent", "withdrawn"),
        ["notification"] = ("sent", "dismissed"),
        ["offer"] = ("made", "withdrawn"),
        ["order"] = ("placed", "cancelled"),
        ["payment"] = ("received", "refunded"),
        ["post"] = ("published", "withdrawn"),
        ["product"] = ("introduced", "discontinued"),
        ["project"] = ("started", "closed"),
        ["reservation"] = ("made", "cancelled"),
        ["shipment"] = ("dispatched", "recalled"),
        ["subscription"] = ("started", "cancelled"),
        ["task"] = ("planned", "dropped"),
        ["ticket"] = ("opened", "closed"),
        ["user"] = ("registered", "deactivated"),
        ["work"] = ("begun", "withdrawn"),
    };

    /// <summary>Returns the words without technical words, or null if there are none.</summary>
    public static IReadOnlyList<string>? WithoutTechnical(IReadOnlyList<string> words)
    {
        var remaining = words.ToList();
        while (remaining.Count > 1 && IsTechnicalEnd(remaining))
            remaining.RemoveAt(remaining.Count - 1);
        var plain = remaining.Where(word => !Technical.Contains(word)).ToList();
        return plain.Count == words.Count ? null : plain.Count == 0 ? remaining : plain;
    }

    /// <summary>Returns the first verb about data instead of the business, or null.</summary>
    public static string? DataVerb(IReadOnlyList<string> fact) => fact.FirstOrDefault(DataVerbs.Contains);

    /// <summary>
    /// Returns the usual facts of the business instead: for order created, order placed; for price updated, price
    /// changed.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> ToDomainLanguage(
        IReadOnlyList<string> entity, IReadOnlyList<string> fact)
    {
        var at = fact.ToList().FindIndex(DataVerbs.Contains);
        var isOfPart = entity.Count > 0 ? at > 0 : at > 1; // Of product price updated, the price changed.
        var entityWord = EventWords.Singular(at > 0 ? fact[at - 1] : entity.Count > 0 ? entity[entity.Count - 1] : "");
        var verb = fact[at];
        if (Changes.Contains(verb))
            return At(fact, at, isOfPart ? ["changed"] : ["details changed", "corrected"]);
        var known = Trade.TryGetValue(entityWord, out var verbs);
        return verb == "deleted"
            ? At(fact, at, known ? [verbs.Ended] : ["withdrawn", "removed"])
            : At(fact, at, known ? [verbs.Began] : ["opened", "introduced"]);
    }

    // A technical word after a verb is a suffix, as in PaymentProcessedEvent; row or item alone may be a word of the
    // business.
    private static bool IsTechnicalEnd(List<string> words) => TechnicalEnds.Contains(words[words.Count - 1])
        && (words[words.Count - 1] is "event" or "evt" or "dto" or "data" || EventTense.LastPast(words) >= 0);

    private static IReadOnlyList<IReadOnlyList<string>> At(
        IReadOnlyList<string> fact, int at, IEnumerable<string> instead) =>
        [
            .. instead.Select(words =>
                (IReadOnlyList<string>)[.. fact.Take(at), .. words.Split(' '), .. fact.Skip(at + 1)]),
        ];
}
