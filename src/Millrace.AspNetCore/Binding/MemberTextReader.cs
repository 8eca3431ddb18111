using System.Globalization;
using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace.AspNetCore.Binding;

/// <summary>Reads a text of a route or a query string as a value of a type.</summary>
/// <remarks>
/// Types that minimal API supports are read in the same way. All other types are read by their own JSON converter.
/// </remarks>
internal sealed class MemberTextReader
{
    private readonly Type _type;
    private readonly bool _isNullable;
    private readonly EnumTextParser? _enum;
    private readonly MemberTextFormat? _form;

    public MemberTextReader(Type type, ModelCatalog model)
    {
        var inner = Nullable.GetUnderlyingType(type);
        _type = inner ?? type;
        _isNullable = inner is not null;
        var description = model.Describe(_type);
        var isFlags = _type.IsEnum && _type.IsDefined(typeof(FlagsAttribute), inherit: false);
        AllowsSeveral = isFlags;
        if (_type.IsEnum && model.Json.TryGetTypeInfo(_type, out var info))
            _enum = new EnumTextParser(info, description?.Names ?? [], isFlags);
        else
            _form = MemberTextFormat.Find(
                description is { Form: TypeForm.Value, Inner: { } wrapped } ? wrapped : _type);
        IsPlain = _form is not null && description is not { Form: TypeForm.Value };
    }

    /// <summary>Gets whether the type has no rule, so that every text that was read is a valid value.</summary>
    public bool IsPlain { get; }

    /// <summary>Gets whether several texts form one value, as for flags.</summary>
    public bool AllowsSeveral { get; }

    /// <summary>
    /// Gets a description of the accepted texts, or null if only the type's own converter determines them.
    /// </summary>
    public string? Expected => _enum?.Expected ?? _form?.Expected;

    /// <summary>
    /// Returns the possible JSON values of a text. An empty text is null if the type allows null. The result is empty
    /// if the text is not a value.
    /// </summary>
    public IEnumerable<JsonNode?> Read(string text)
    {
        if (text.Length == 0 && _isNullable)
            return [null];
        if (_enum is null && _form is null)
            return Candidates(text);
        return (_enum is null ? _form!.Read(text) : _enum.Read(text)) is { } value ? [value] : [];
    }

    /// <summary>
    /// Returns the text as a JSON string, number or boolean. The type's converter accepts one of them.
    /// </summary>
    private static IEnumerable<JsonNode> Candidates(string text)
    {
        yield return JsonValue.Create(text);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            yield return JsonValue.Create(whole);
        else if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            yield return JsonValue.Create(number);
        if (bool.TryParse(text, out var flag))
            yield return JsonValue.Create(flag);
    }
}
