using System.Collections.Frozen;

namespace Millrace.Sql;

/// <summary>
/// The functions of statements. The engine does not count the memory of a function's result, and does not interrupt a
/// function, so that only functions are allowed whose results are not much larger than their arguments, and whose time
/// is not much longer than that of reading them.
/// </summary>
internal static class AllowedFunctions
{
    private const string Operators = "+ - * / // % ^ ** || & | ~ << >> xor ! ~~ !~~ ~~* !~~* ~~~ ->> ^@ @> <@ && @";

    private const string Aggregates = """
        any_value approx_count_distinct approx_quantile arbitrary arg_max arg_max_null arg_min arg_min_null argmax
        argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop
        covar_samp favg first fsum group_concat json_group_array json_group_object kahan_sum kurtosis kurtosis_pop
        last list listagg max max_by mean min min_by product regr_avgx regr_avgy regr_count regr_intercept regr_r2
        regr_slope regr_sxx regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp string_agg sum sumkahan
        var_pop var_samp variance
        """;

    private const string Windows = """
        cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
        """;

    private const string Numbers = """
        abs acos acosh add asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees divide even
        exp fdiv floor fmod gcd greatest isfinite isinf isnan lcm least ln log log10 log2 mod multiply pi pow power
        radians random round round_even sign sin sinh sqrt subtract tan tanh trunc
        """;

    private const string Times = """
        age century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub
        date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear decade epoch
        epoch_ms epoch_ns epoch_us era get_current_timestamp hour isodow isoyear last_day make_date make_time
        make_timestamp make_timestamp_ms make_timestamptz microsecond millennium millisecond minute month monthname
        now quarter second strftime strptime time_bucket timezone to_centuries to_days to_decades to_hours
        to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks
        to_years today transaction_timestamp try_strptime week weekday weekofyear year yearweek
        """;

    private const string Texts = """
        array_to_string ascii base64 bit_length char_length character_length chr concat concat_ws contains encode
        ends_with from_base64 from_hex hash hex instr lcase left length lower ltrim md5 nfc_normalize octet_length ord
        position prefix regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches
        regexp_replace regexp_split_to_array replace reverse right rtrim sha1 sha256 split split_part starts_with
        str_split string_split string_to_array strip_accents strlen strpos substr substring suffix to_base64 to_hex
        translate trim ucase unhex unicode upper url_decode url_encode
        """;

    private const string Values = """
        array_contains array_extract array_has array_length array_position cardinality coalesce constant_or_null
        element_at gen_random_uuid if ifnull json json_array json_array_length json_exists json_extract
        json_extract_path json_extract_path_text json_extract_string json_keys json_object json_quote json_type
        json_valid json_value len list_contains list_element list_extract list_has list_indexof list_pack
        list_position list_value map map_contains map_extract map_extract_value map_keys map_values nullif row
        row_to_json struct_extract struct_extract_at struct_keys struct_pack to_json typeof unnest uuid
        """;

    private static readonly FrozenSet<string> Scalars = SetOf(
        Operators, Aggregates, Windows, Numbers, Times, Texts, Values);

    private static readonly FrozenSet<string> Tables = SetOf(
        "generate_series generate_subscripts json_each json_tree range unnest");

    // Aggregates that keep all values in memory that the engine does not count.
    private static readonly FrozenSet<string> Holistic = SetOf("mad median mode quantile quantile_cont quantile_disc");

    /// <summary>Gets the names of all allowed functions, without operators, in ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Scalars.Union(Tables)
            .Where(static name => char.IsAsciiLetter(name[0]) && name != "xor")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Returns why a function of values is not allowed; null if it is.</summary>
    public static string? Refuse(string function) =>
        Scalars.Contains(function) ? null
        : Tables.Contains(function) ? $"The function '{function}' is only allowed as a table: FROM {function}(…)."
        : Holistic.Contains(function) ? $"The function '{function}' is not allowed. Use approx_quantile."
        : $"The function '{function}' is not allowed.";

    /// <summary>Returns whether a function of rows, after FROM, is allowed.</summary>
    public static bool IsTable(string? function) => function is not null && Tables.Contains(function);

    private static FrozenSet<string> SetOf(params string[] texts) => texts
        .SelectMany(static text => text.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
