// Each test starts the whole service and real exporters; two at once would only be late.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
