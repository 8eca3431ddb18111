namespace Millrace;

/// <summary>The rule that events speak the language of the trade, not of the program.</summary>
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

    // What people say instead, by what it happens to: began, ended.
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

    /// <summary>The words without what only a program would say, or null when there is no such word.</summary>
    public static IReadOnlyList<string>? WithoutTechnical(IReadOnlyList<string> words)
    {
        var left = words.ToList();
        while (left.Count > 1 && IsTechnicalEnd(left))
            left.RemoveAt(left.Count - 1);
        var plain = left.Where(word => !Technical.Contains(word)).ToList();
        return plain.Count == words.Count ? null : plain.Count == 0 ? left : plain;
    }

    /// <summary>The first verb that speaks of data and not of the trade, or null.</summary>
    public static string? DataVerb(IReadOnlyList<string> fact) => fact.FirstOrDefault(DataVerbs.Contains);

    /// <summary>What people in the trade might say instead: order created, order placed; price updated, price
    /// changed.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> ToDomainLanguage(
        IReadOnlyList<string> entity, IReadOnlyList<string> fact)
    {
        var at = fact.ToList().FindIndex(DataVerbs.Contains);
        var isOfPart = entity.Count > 0 ? at > 0 : at > 1; // The price of a product was updated, not the product.
        var thing = EventWords.Singular(at > 0 ? fact[at - 1] : entity.Count > 0 ? entity[entity.Count - 1] : "");
        var verb = fact[at];
        if (Changes.Contains(verb))
            return At(fact, at, isOfPart ? ["changed"] : ["details changed", "corrected"]);
        var known = Trade.TryGetValue(thing, out var verbs);
        return verb == "deleted"
            ? At(fact, at, known ? [verbs.Ended] : ["withdrawn", "removed"])
            : At(fact, at, known ? [verbs.Began] : ["opened", "introduced"]);
    }

    // After a verb it says what it is, as in PaymentProcessedEvent; a row or an item alone is part of the trade.
    private static bool IsTechnicalEnd(List<string> words) => TechnicalEnds.Contains(words[words.Count - 1])
        && (words[words.Count - 1] is "event" or "evt" or "dto" or "data" || EventTense.LastPast(words) >= 0);

    private static IReadOnlyList<IReadOnlyList<string>> At(
        IReadOnlyList<string> fact, int at, IEnumerable<string> instead) =>
        [
            .. instead.Select(words =>
                (IReadOnlyList<string>)[.. fact.Take(at), .. words.Split(' '), .. fact.Skip(at + 1)]),
        ];
}
