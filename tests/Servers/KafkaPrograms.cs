using System.Reflection;
using System.Runtime.InteropServices;

namespace Servers;

/// <summary>Where Kafka's client library, which is also the broker of tests, is on this machine.</summary>
public static class KafkaPrograms
{
    /// <summary>What a test says that cannot run here.</summary>
    public const string Missing = "needs librdkafka: apt-get install librdkafka1";

    /// <summary>What a test says that cannot run here for want of another client.</summary>
    public const string ClientMissing = "needs librdkafka and kcat: apt-get install librdkafka1 kcat";

    internal const string Library = "librdkafka.so.1";

    /// <summary>A client of Kafka for the command line.</summary>
    public const string Client = "/usr/bin/kcat";

    /// <summary>Whether the library is there.</summary>
    public static bool AreThere { get; } = Find();

    /// <summary>Why a test cannot run here; null where it can, and in CI, where it then fails.</summary>
    public static string? ReasonToSkip { get; } = AreThere || IsRequired ? null : Missing;

    /// <summary>The same for a test that starts the other client.</summary>
    public static string? ReasonToSkipClient { get; } = (AreThere && File.Exists(Client)) || IsRequired ? null : ClientMissing;

    private static bool IsRequired => Environment.GetEnvironmentVariable("CI") is "1" or "true";

    /// <summary>Has an assembly take the library of the machine: the repository has none of its own.</summary>
    public static void UseFor(Assembly client) => NativeLibrary.SetDllImportResolver(
        client,
        static (name, _, _) => name.Contains("librdkafka", StringComparison.Ordinal) ? NativeLibrary.Load(Library) : IntPtr.Zero);

    private static bool Find()
    {
        if (!NativeLibrary.TryLoad(Library, out var handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
