using System.Collections.Concurrent;
using Millrace.Protection;

namespace Millrace.Tests.Protection;

/// <summary>Tests the random nonces.</summary>
public sealed class RandomNonceTests
{
    private const int Threads = 4;
    private const int NoncesPerThread = 10_000;

    [Fact]
    public async Task Nonces_of_all_threads_differ()
    {
        var nonces = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            Span<byte> nonce = stackalloc byte[PeriodCipher.NonceBytes];
            for (var i = 0; i < NoncesPerThread; i++)
            {
                RandomNonces.Fill(nonce);
                nonces.Add(Convert.ToHexString(nonce));
            }
        })));

        Assert.Equal(Threads * NoncesPerThread, nonces.Distinct().Count());
    }

    /// <summary>A copy of the memory contains these bytes, so that they must be few.</summary>
    [Fact]
    public void A_thread_takes_the_bytes_of_few_nonces_at_once() => Assert.InRange(RandomNonces.NoncesAtOnce, 1, 16);
}
