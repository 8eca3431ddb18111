using System.Text.Encodings.Web;
using System.Text.Json;

namespace Millrace.Events;

/// <summary>
/// A text encoder that escapes nothing, and throws an exception if a text contains half of a surrogate pair. Its output
/// is discarded.
/// </summary>
internal sealed class LoneSurrogateValidator : JavaScriptEncoder
{
    public override int MaxOutputCharactersPerInputCharacter => 1;

    public override bool WillEncode(int unicodeScalar) => false;

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var input = new string(text, 0, textLength);
        return WellFormedText.HasLoneSurrogate(input)
            ? throw new JsonException(
                $"The text '{input}' contains half of a surrogate pair, which would be read back as another character.")
            : -1;
    }

    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text) => -1;

    public override unsafe bool TryEncodeUnicodeScalar(
        int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        numberOfCharactersWritten = 0;
        return false;
    }
}
