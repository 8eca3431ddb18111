namespace Millrace.Shared.Naming;

/// <summary>Checks that event names use words of the business, and suggests replacements for technical words.</summary>
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

    private static readonly HashSet<string> TechnicalWords =
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

    private static readonly HashSet<string> ChangeVerbs =
    [
        "updated",
        "modified",
        "edited",
        "upserted",
        "saved",
        "persisted",
        "stored",
    ];

    // The verbs that a business usually has for the creation and the end of an entity.
    private static readonly Dictionary<string, (string Began, string Ended)> BusinessVerbs = new(StringComparer.Ordinal)
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

    /// <summary>Removes technical words. Returns null if no word is technical.</summary>
    public static IReadOnlyList<string>? WithoutTechnical(IReadOnlyList<string> words)
    {
        var remaining = words.ToList();
        while (remaining.Count > 1 && IsTechnicalEnd(remaining))
            remaining.RemoveAt(remaining.Count - 1);
        var plain = remaining.Where(word => !TechnicalWords.Contains(word)).ToList();
        return plain.Count == words.Count ? null : plain.Count == 0 ? remaining : plain;
    }

    /// <summary>
    /// Returns the first verb that describes a change of data, such as "updated", or null if there is no such verb.
    /// </summary>
    public static string? DataVerb(IReadOnlyList<string> fact) => fact.FirstOrDefault(DataVerbs.Contains);

    /// <summary>
    /// Replaces the data verb of a fact by the verbs that a business usually has. Examples are "order placed" for
    /// "order created", and "price changed" for "price updated".
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> ToDomainLanguage(
        IReadOnlyList<string> entity, IReadOnlyList<string> fact)
    {
        var verbIndex = fact.ToList().FindIndex(DataVerbs.Contains);
        // In "product price updated", the price of the product changed, not the product itself.
        var isChangeOfPart = entity.Count > 0 ? verbIndex > 0 : verbIndex > 1;
        var entityWord = EventWords.Singular(
            verbIndex > 0 ? fact[verbIndex - 1] : entity.Count > 0 ? entity[entity.Count - 1] : "");
        var verb = fact[verbIndex];
        if (ChangeVerbs.Contains(verb))
            return ReplaceAt(fact, verbIndex, isChangeOfPart ? ["changed"] : ["details changed", "corrected"]);
        var known = BusinessVerbs.TryGetValue(entityWord, out var verbs);
        return verb == "deleted"
            ? ReplaceAt(fact, verbIndex, known ? [verbs.Ended] : ["withdrawn", "removed"])
            : ReplaceAt(fact, verbIndex, known ? [verbs.Began] : ["opened", "introduced"]);
    }

    // A technical word after a verb is a suffix, as in PaymentProcessedEvent. Without a verb, a word such as "row" or
    // "item" can be a word of the business.
    private static bool IsTechnicalEnd(List<string> words) => TechnicalEnds.Contains(words[words.Count - 1])
        && (words[words.Count - 1] is "event" or "evt" or "dto" or "data" || EventTense.LastPast(words) >= 0);

    private static IReadOnlyList<IReadOnlyList<string>> ReplaceAt(
        IReadOnlyList<string> fact, int verbIndex, IEnumerable<string> replacements) =>
        [
            .. replacements.Select(words =>
                (IReadOnlyList<string>)[.. fact.Take(verbIndex), .. words.Split(' '), .. fact.Skip(verbIndex + 1)]),
        ];
}
