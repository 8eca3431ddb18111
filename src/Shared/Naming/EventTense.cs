namespace Millrace.Shared.Naming;

/// <summary>The rule that the name of an event is in the past tense.</summary>
internal static class EventTense
{
    private static readonly HashSet<string> Particles =
    [
        "about",
        "across",
        "after",
        "again",
        "against",
        "ahead",
        "apart",
        "around",
        "as",
        "at",
        "away",
        "back",
        "before",
        "between",
        "by",
        "down",
        "during",
        "for",
        "forward",
        "from",
        "in",
        "into",
        "of",
        "off",
        "on",
        "onto",
        "out",
        "over",
        "per",
        "through",
        "to",
        "together",
        "under",
        "until",
        "up",
        "upon",
        "via",
        "with",
        "within",
        "without",
        "early",
        "late",
        "manually",
        "automatically",
        "online",
        "offline",
        "twice",
        "once",
    ];

    // Nouns that name a fact at the end of a name.
    private static readonly Dictionary<string, string> Nouns = new(StringComparer.Ordinal)
    {
        ["activation"] = "activated",
        ["activity"] = "activity detected",
        ["addition"] = "added",
        ["alarm"] = "alarm raised",
        ["alert"] = "alert raised",
        ["allocation"] = "allocated",
        ["approval"] = "approved",
        ["arrival"] = "arrived",
        ["assignment"] = "assigned",
        ["attempt"] = "attempted",
        ["authorisation"] = "authorised",
        ["authorization"] = "authorized",
        ["booking"] = "booked",
        ["breach"] = "breached",
        ["cancellation"] = "cancelled",
        ["closure"] = "closed",
        ["completion"] = "completed",
        ["confirmation"] = "confirmed",
        ["creation"] = "created",
        ["deactivation"] = "deactivated",
        ["deletion"] = "deleted",
        ["delivery"] = "delivered",
        ["departure"] = "departed",
        ["email"] = "email sent",
        ["error"] = "error occurred",
        ["exception"] = "exception occurred",
        ["expiration"] = "expired",
        ["expiry"] = "expired",
        ["failure"] = "failed",
        ["fault"] = "fault detected",
        ["incident"] = "incident reported",
        ["login"] = "logged in",
        ["logout"] = "logged out",
        ["mail"] = "mail sent",
        ["maintenance"] = "maintenance scheduled",
        ["message"] = "message sent",
        ["migration"] = "migrated",
        ["notice"] = "notice given",
        ["notification"] = "notification sent",
        ["outage"] = "outage detected",
        ["payment"] = "payment received",
        ["problem"] = "problem reported",
        ["publication"] = "published",
        ["receipt"] = "received",
        ["registration"] = "registered",
        ["rejection"] = "rejected",
        ["removal"] = "removed",
        ["renewal"] = "renewed",
        ["reservation"] = "reserved",
        ["resolution"] = "resolved",
        ["response"] = "responded",
        ["sale"] = "sold",
        ["shipment"] = "shipped",
        ["signup"] = "signed up",
        ["submission"] = "submitted",
        ["subscription"] = "subscribed",
        ["suspension"] = "suspended",
        ["termination"] = "terminated",
        ["timeout"] = "timed out",
        ["verification"] = "verified",
        ["violation"] = "violated",
        ["warning"] = "warning raised",
        ["withdrawal"] = "withdrawn",
    };

    /// <summary>
    /// Returns whether the words are in the past tense. For example, "order placed", "paid in full" and "signed in" are
    /// in the past tense. The words "place order" and "reserved stock" are not.
    /// </summary>
    public static bool IsPast(IReadOnlyList<string> words)
    {
        var verb = LastPast(words);
        if (verb < 0)
            return false;
        var isAtEnd = verb == words.Count - 1;
        var mayBeCommand = verb == 0 && !isAtEnd && Verbs.HasSamePast(words[0]);
        return !mayBeCommand && (isAtEnd || Particles.Contains(words[verb + 1]));
    }

    /// <summary>Returns the index of the last verb in the past tense, or −1 if there is none.</summary>
    public static int LastPast(IReadOnlyList<string> words)
    {
        for (var index = words.Count - 1; index >= 0; index--)
        {
            if (Verbs.IsPast(words[index]))
                return index;
        }
        return -1;
    }

    /// <summary>
    /// Converts words to the past tense. For example, "place order" becomes "order placed", and "security alert"
    /// becomes "security alert raised".
    /// </summary>
    public static IReadOnlyList<string> ToPast(IReadOnlyList<string> words)
    {
        var last = words[words.Count - 1];
        var earlier = words.Take(words.Count - 1);
        if (Verbs.PastOfGerund(last) is { } past)
            return [.. earlier, past];
        if (Verbs.IsPlain(words[0]) && words.Count > 1)
            return CommandToPast(words);
        if (Nouns.TryGetValue(last, out var phrase))
            return [.. earlier, .. phrase.Split(' ')];
        if (LastPast(words) is >= 0 and var verbIndex && verbIndex < words.Count - 1)
            return [.. words.Take(verbIndex), .. words.Skip(verbIndex + 1), words[verbIndex]];
        return Verbs.IsPlain(last) ? [.. earlier, Verbs.PastOf(last)] : [.. words, "changed"];
    }

    /// <summary>
    /// Converts a command to its event. For example, "add item to order" becomes "item added to order".
    /// </summary>
    private static List<string> CommandToPast(IReadOnlyList<string> words)
    {
        var end = 1;
        while (end < words.Count && !Particles.Contains(words[end]))
            end++;
        return [.. words.Skip(1).Take(end - 1), Verbs.PastOf(words[0]), .. words.Skip(end)];
    }
}
