using Millrace.Streams;

namespace Millrace.Tests;

public sealed class LruCacheTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void The_cache_behaves_like_a_list_in_order_of_last_use(int capacity)
    {
        for (var seed = 0; seed < 50; seed++)
            CompareWithList(capacity, new Random(seed));
    }

    private static void CompareWithList(int capacity, Random random)
    {
        var cache = new LruCache<int, string>(capacity);
        var list = new List<(int Key, string Value)>(); // The least recently used entry is first.
        for (var step = 0; step < 400; step++)
        {
            var key = random.Next(12);
            switch (random.Next(3))
            {
                case 0:
                    var value = $"{step}";
                    cache.Put(key, value);
                    list.RemoveAll(entry => entry.Key == key);
                    list.Add((key, value));
                    if (list.Count > capacity)
                        list.RemoveAt(0);
                    break;
                case 1:
                    var found = list.FindIndex(entry => entry.Key == key);
                    Assert.Equal(found < 0 ? null : list[found].Value, cache.Find(key));
                    if (found >= 0)
                    {
                        var used = list[found];
                        list.RemoveAt(found);
                        list.Add(used);
                    }
                    break;
                default:
                    Assert.Equal(list.Find(entry => entry.Key == key).Value, cache.Take(key));
                    list.RemoveAll(entry => entry.Key == key);
                    break;
            }
            Assert.Equal(list.Count, cache.Count);
        }
    }
}
