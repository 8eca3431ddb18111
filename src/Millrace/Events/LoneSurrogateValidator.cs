using System.Text.Encodings.Web;
using System.Text.Json;

namespace Millrace;

/// <summary>
/// An encoder that escapes nothing and throws on text with half of a surrogate pair. Its output is discarded.
/// </summary>
internal sealed class LoneSurrogateValidator : JavaScriptEncoder
{
    public override int MaxOutputCharactersPerInputCharacter => 1;

    public override bool WillEncode(int unicodeScalar) => false;

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var given = new string(text, 0, textLength);
        return WellFormedText.HasLoneSurrogate(given)
            ? throw new JsonException(
                $"The text '{given}' contains half of a surrogate pair, which would be read back as another character.")
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
