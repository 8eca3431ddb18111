namespace Millrace.Shared.Naming;

/// <summary>Recognizes and creates past forms of English verbs.</summary>
internal static class Verbs
{
    // Each entry has the verb and its past forms. Names use the last form.
    private const string Irregular = """
        be was been; bear bore borne; beat beaten; become became; begin began begun; bend bent; bet bet; bid bid; bind bound;
        bite bit bitten; bleed bled; blow blew blown; break broke broken; breed bred; bring brought; broadcast broadcast; build built;
        burn burnt burned; burst burst; buy bought; cast cast; catch caught; choose chose chosen; cling clung; come came come;
        cost cost; creep crept; cut cut; deal dealt; dig dug; do did done; draw drew drawn; dream dreamt; drink drank drunk;
        drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; find found; flee fled; fly flew flown;
        forbid forbade forbidden; forecast forecast; foresee foresaw foreseen; forget forgot forgotten; forgive forgave forgiven;
        freeze froze frozen; get got; give gave given; go went gone; grind ground; grow grew grown; hang hung; have had; hear heard;
        hide hid hidden; hit hit; hold held; hurt hurt; keep kept; know knew known; lay laid; lead led; learn learnt learned;
        leave left; lend lent; let let; lie lain; light lit; lose lost; make made; mean meant; meet met; mislead misled; offset offset;
        outbid outbid; outgrow outgrown; overdraw overdrew overdrawn; overpay overpaid; override overrode overridden; oversell oversold;
        overtake overtook overtaken; pay paid; prepay prepaid; preset preset; prove proved proven; put put; quit quit; read read;
        rebuild rebuilt; redo redone; repay repaid; rerun reran rerun; resell resold; resend resent; reset reset; retake retook retaken;
        rewrite rewrote rewritten; ride rode ridden; ring rang rung; rise rose risen; run ran run; saw sawn; say said; see saw seen;
        seek sought; sell sold; send sent; set set; sew sewn; shake shook shaken; shed shed; shine shone; shoot shot; show showed shown;
        shrink shrank shrunk; shut shut; sing sang sung; sink sank sunk; sit sat; sleep slept; slide slid; sow sown; speak spoke spoken;
        spend spent; spin spun; split split; spread spread; spring sprang sprung; stand stood; steal stole stolen; stick stuck;
        sting stung; strike struck; swear swore sworn; sweep swept; swell swollen; swim swam swum; swing swung; take took taken;
        teach taught; tear tore torn; tell told; think thought; throw threw thrown; thrust thrust; undergo underwent undergone;
        underpay underpaid; understand understood; undertake undertook undertaken; undo undid undone; unset unset; uphold upheld;
        upset upset; upsell upsold; wake woke woken; wear wore worn; weave wove woven; weep wept; win won; wind wound;
        withdraw withdrew withdrawn; withhold withheld; write wrote written
        """;

    private const string Regular = """
        abandon abort accept acknowledge acquire activate add adjust admit adopt advance allocate amend announce answer append apply
        appoint approve archive arrange arrive assemble assess assign attach attempt audit authorise authorize await award back ban bill
        blame block book bounce calculate call cancel capture categorise categorize certify change charge check claim classify clean
        clear click close collect commence comment commit compensate complete compute confirm connect consume contact continue convert
        correct count create credit debit decide decline decrease deduct defer define delay delegate delete deliver demote deny depart
        deploy deposit deprecate detach detect deactivate disable discard disconnect discontinue discount dispatch dispute dismiss
        distribute document download draft drop earn edit elapse enable encounter end endorse enforce enlist enrol enroll enter escalate
        establish estimate evaluate exceed exchange execute exhaust expire explain export extend fail file fill finalise finalize finish
        fix flag follow forward fulfil fulfill generate grant handle hire identify ignore import impose improve include increase inform
        initiate insert inspect install introduce invalidate invite invoke invoice issue join label launch like link list load lock log
        lower maintain mark match measure mention merge migrate modify monitor move name negotiate note notify observe obtain occur
        offer omit open order outsource pack park pass pause penalise penalize perform persist pick pin place plan play post postpone
        prepare prescribe present preview price print process produce progress promise promote propose provide provision publish
        purchase push qualify query queue quote raise rate reach reactivate receive recognise recognize recommend reconcile record
        recover redeem reduce refer refill refresh refund refuse register reject relate release relocate remind remove rename render
        renew rent reopen reorder repair repeat replace reply report request require reschedule rescue reserve resign resolve respond
        restart restock restore restrict resume retain retire retitle retry return reveal reverse review revise revoke reward roll
        rotate route sample save scan schedule score screen select settle share shift ship sign skip snooze sort specify start state
        step stock stop store submit subscribe suggest supersede supply suspend switch sync synchronise synchronize tag terminate test
        tick top touch trace track trade train transfer transform transmit trigger try unban unblock unfollow uninstall unlink unlock
        unpublish unregister unsubscribe update upgrade upload upsert use validate verify view visit vote waive warn watch weigh welcome
        void
        """;

    // These words are usually nouns. At the end of a name they are not verbs: OrderRecord is not an action.
    private static readonly HashSet<string> UsuallyNouns =
    [
        "order",
        "book",
        "stock",
        "record",
        "file",
        "price",
        "document",
        "rate",
        "score",
        "state",
        "label",
        "list",
        "name",
        "note",
        "query",
        "queue",
        "sample",
        "step",
        "store",
        "test",
        "tag",
        "view",
        "watch",
        "bill",
        "post",
        "present",
        "top",
        "route",
        "screen",
        "link",
        "progress",
    ];

    private static readonly HashSet<string> NotPast =
    [
        "bed",
        "bleed",
        "breed",
        "creed",
        "deed",
        "embed",
        "exceed",
        "feed",
        "greed",
        "heed",
        "hundred",
        "indeed",
        "kindred",
        "naked",
        "need",
        "newsfeed",
        "overfeed",
        "proceed",
        "red",
        "reed",
        "sacred",
        "seabed",
        "seed",
        "shred",
        "sled",
        "speed",
        "succeed",
        "ted",
        "unneed",
        "wed",
        "weed",
        "wicked",
        "zed",
        "med",
        "biped",
    ];

    // Verbs of several syllables that double the last consonant.
    private static readonly HashSet<string> Doubling =
    [
        "admit",
        "cancel",
        "commit",
        "confer",
        "control",
        "defer",
        "deter",
        "emit",
        "enrol",
        "equip",
        "format",
        "fulfil",
        "infer",
        "label",
        "level",
        "model",
        "occur",
        "omit",
        "outfit",
        "overlap",
        "permit",
        "prefer",
        "program",
        "rebut",
        "recur",
        "refer",
        "regret",
        "resubmit",
        "signal",
        "submit",
        "total",
        "transfer",
        "transmit",
        "travel",
        "unban",
        "unplug",
        "unwrap",
        "unzip",
    ];

    private static readonly Dictionary<string, string> Past = new(StringComparer.Ordinal);
    private static readonly HashSet<string> PastForms = new(StringComparer.Ordinal);
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal);

    static Verbs()
    {
        char[] whitespace = [' ', '\n', '\r'];
        foreach (var entry in Irregular.Split(';'))
        {
            var forms = entry.Split(whitespace, StringSplitOptions.RemoveEmptyEntries);
            Past[forms[0]] = forms[forms.Length - 1];
            PastForms.UnionWith(forms.Skip(1));
            Known.Add(forms[0]);
        }
        Known.UnionWith(Regular.Split(whitespace, StringSplitOptions.RemoveEmptyEntries));
        PastForms.Remove("saw"); // In names, "saw" is usually the tool.
    }

    /// <summary>Returns true if a word is a past form, such as placed, sent or taken.</summary>
    public static bool IsPast(string word) => PastForms.Contains(word)
        || (word.Length > 3 && word.EndsWith("ed", StringComparison.Ordinal) && !NotPast.Contains(word));

    /// <summary>Returns true if the past participle of a verb equals its base form, as for set, read and cut.</summary>
    public static bool HasSamePast(string word) => Past.TryGetValue(word, out var past) && past == word;

    /// <summary>Returns true if a word is the base form of a known verb, and is not usually a noun.</summary>
    public static bool IsPlain(string word) => Known.Contains(word) && !UsuallyNouns.Contains(word);

    /// <summary>Returns the past participle of a verb, such as placed, sent or cancelled.</summary>
    public static string PastOf(string verb)
    {
        if (Past.TryGetValue(verb, out var irregular))
            return irregular;
        var last = verb[verb.Length - 1];
        if (last == 'e')
            return verb + "d";
        if (last == 'y' && verb.Length > 1 && !IsVowel(verb[verb.Length - 2]))
            return verb.Remove(verb.Length - 1) + "ied";
        return verb + (Doubles(verb) ? last + "ed" : "ed");
    }

    /// <summary>
    /// Returns the base form of a past form: "pay" for "paid", "cancel" for "cancelled". Null if the verb is not known.
    /// </summary>
    public static string? VerbOf(string past) =>
        Known.FirstOrDefault(verb => PastOf(verb) == past)
        ?? (
            IsPast(past)
                ? Known.FirstOrDefault(verb => past.Length > 3 && (verb + "ed" == past || verb + "d" == past))
                : null);

    /// <summary>
    /// Returns the past participle for a gerund: "shipped" for "shipping", "sent" for "sending". Null if the word is
    /// not a gerund of a known verb.
    /// </summary>
    public static string? PastOfGerund(string word)
    {
        if (word.Length < 6 || !word.EndsWith("ing", StringComparison.Ordinal))
            return null;
        var stem = word.Substring(0, word.Length - 3);
        foreach (var verb in new[] { stem, stem + "e", stem.Substring(0, stem.Length - 1) })
        {
            if (Known.Contains(verb))
                return PastOf(verb);
        }
        return null;
    }

    private static bool Doubles(string verb)
    {
        if (Doubling.Contains(verb))
            return true;
        var count = verb.Length;
        return count >= 3 && !IsVowel(verb[count - 1]) && verb[count - 1] is not ('w' or 'x' or 'y')
            && IsVowel(verb[count - 2]) && !IsVowel(verb[count - 3]) && Syllables(verb) == 1;
    }

    private static int Syllables(string word)
    {
        var groups = 0;
        for (var index = 0; index < word.Length; index++)
        {
            if (IsVowel(word[index]) && (index == 0 || !IsVowel(word[index - 1])))
                groups++;
        }
        return groups;
    }

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u';
}
