using System.Text;

namespace Millrace.Events;

/// <summary>
/// The rule for stored names of event types, including types of events that are appended as bytes. A name can be any
/// text that can be stored unchanged.
/// </summary>
internal static class EventNames
{
    public const int MaxBytes = 256;

    public static string? Problem(string name)
    {
        if (name.Length == 0)
            return "it is empty";
        foreach (var character in name)
        {
            if (char.IsControl(character) || char.IsWhiteSpace(character))
                return "it contains white space or a control character";
            if (char.IsSurrogate(character))
                return "it contains a character outside the basic plane";
        }
        return Encoding.UTF8.GetByteCount(name) > MaxBytes ? $"it is longer than {MaxBytes} bytes of UTF-8" : null;
    }
}
