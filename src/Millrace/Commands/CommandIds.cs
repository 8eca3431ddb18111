using System.Security.Cryptography;
using System.Text;

namespace Millrace;

/// <summary>Ids of commands that follow from what they are for: the same after a crash.</summary>
internal static class CommandIds
{
    public static Guid Of(params ReadOnlySpan<string> parts)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts!)));
        return new Guid(digest.AsSpan(0, 16));
    }
}
