using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>
/// Returns the public state of a value as text: the values of its getters and public fields at every level. Members
/// that are not stored by declaration are omitted. Two values with the same text are equal.
/// </summary>
/// <param name="unstored">Members that the build reports as not stored.</param>
internal sealed class StateText(IReadOnlySet<string> unstored)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public string Of(object? value) =>
        value switch
        {
            null => "null",
            string text => JsonSerializer.Serialize(text),
            char letter => $"char {(int)letter}",
            double number => $"{BitConverter.DoubleToInt64Bits(number):x} {number:R}",
            float number => $"{BitConverter.SingleToInt32Bits(number):x} {number:R}",
            DateTime moment => $"{moment.Ticks} {moment.Kind}",
            DateTimeOffset moment => $"{moment.Ticks} {moment.Offset}",
            Uri link => "uri " + link.OriginalString,
            JsonElement { ValueKind: JsonValueKind.Null } => "null",
            JsonElement element => "json " + element.GetRawText(),
            Enum => $"{value.GetType().Name} {((Enum)value).ToString("D")}",
            TimeOnly time => $"{time.Ticks}",
            IFormattable formattable when value.GetType().Namespace == "System" => formattable.ToString(
                null, CultureInfo.InvariantCulture),
            bool flag => flag ? "true" : "false",
            System.Collections.IEnumerable items => OfItems(items),
            _ => OfObject(value),
        };

    private string OfItems(System.Collections.IEnumerable items)
    {
        var type = items.GetType();
        if (type.Name == "ImmutableArray`1" && (bool)type.GetProperty("IsDefault")!.GetValue(items)!)
            return "default";
        var texts = items
            .Cast<object?>()
            .Select(item => Pair(item) is var (key, value) ? $"{Of(key)}: {Of(value)}" : Of(item));
        var isOrdered = !type.GetInterfaces()
            .Any(interfaceType => interfaceType.Name is "IReadOnlySet`1" or "ISet`1" or "IReadOnlyDictionary`2");
        // A set can contain two empty arrays, which are read back as one.
        return $"[{string.Join(", ", isOrdered ? texts : texts.Distinct().Order(StringComparer.Ordinal))}]";
    }

    private static (object? Key, object? Value)? Pair(object? item) =>
        item?.GetType() is { Name: "KeyValuePair`2" } type
            ? (type.GetProperty("Key")!.GetValue(item), type.GetProperty("Value")!.GetValue(item))
            : null;

    private string OfObject(object value)
    {
        var type = value.GetType();
        var text = new StringBuilder(type.Name).Append(" { ");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (
            var level = type;
            level is not null && level != typeof(object) && level != typeof(ValueType);
            level = level.BaseType)
        {
            foreach (var member in level.GetMembers(Declared).OrderBy(member => member.Name, StringComparer.Ordinal))
            {
                if (Read(member) is not { } read || (IsVirtual(member) && !seen.Add(member.Name)) || IsOmitted(member))
                    continue;
                text.Append(member.Name).Append(" = ").Append(Of(read(value))).Append("; ");
            }
        }
        return text.Append('}').ToString();
    }

    private static Func<object, object?>? Read(MemberInfo member) => member switch
    {
        FieldInfo field => field.GetValue,
        PropertyInfo property when property.GetMethod?.IsPublic == true && property.GetIndexParameters().Length == 0 =>
            property.GetValue,
        _ => null,
    };

    private static bool IsVirtual(MemberInfo member) => member is PropertyInfo { GetMethod.IsVirtual: true };

    private bool IsOmitted(MemberInfo member) => unstored.Contains(member.Name)
        || member.GetCustomAttribute<JsonIgnoreAttribute>(inherit: false) is { Condition: JsonIgnoreCondition.Always };
}
